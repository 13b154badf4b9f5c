// Imports a server's module in a process of its own, behind the runtime. Prints milliseconds of all threads and megabytes as JSON.
//
// usage: node bench/inline-import.js FILE
await import("@unplugin-paw/runtime");
const before = process.memoryUsage.rss();
const start = process.cpuUsage();
await import(process.argv[2]);
const { user, system } = process.cpuUsage(start);
console.log(
  JSON.stringify({ milliseconds: (user + system) / 1000, megabytes: (process.memoryUsage.rss() - before) / 1e6 }),
);
