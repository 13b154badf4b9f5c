import { functions, times, triage } from "./triage.js";

const inbox = [
  "My parcel B-2207 has not arrived and nobody answers",
  "The invoice for A-9154 arrived, great service, thank you",
  "I can't log in any more, this is so annoying",
];

// Without this the first call of each function would load it.
for (const run of Object.values(functions)) await run.load();

const tickets = [];
for (const message of inbox) tickets.push(await triage(message));

if (process.argv.includes("--json")) {
  const specs = Object.values(functions).map(({ meta: { name, tests } }) => ({ name, tests, times: times[name] }));
  console.log(JSON.stringify({ tickets, specs }));
} else {
  console.table(tickets);
}
