// Imports a built server in a process of its own, and loads its programs. Prints milliseconds and megabytes as JSON.
//
// usage: node bench/inline-import.js FILE
const before = process.memoryUsage.rss();
const start = performance.now();
const { default: functions } = await import(process.argv[2]);
const imported = performance.now() - start;
const megabytes = (process.memoryUsage.rss() - before) / 1e6;
const [first, ...others] = functions;
await first.load(); // the interpreter, too
const loading = performance.now();
for (const one of others) await one.load();
const load = others.length === 0 ? undefined : (performance.now() - loading) / others.length;
console.log(JSON.stringify({ imported, megabytes, load }));
