import { functions, triage } from "./triage.js";

const inbox = [
  "My parcel B-2207 has not arrived yet and nobody answers. I am very disappointed!",
  "I love the new desk, thank you! Could you send me an invoice for order A-9154?",
  "The boots from order K-3380 are too small and badly made. I want to send them back.",
  "I forgot my password and can't log in any more, this is annoying",
];

const tickets = [];
for (const message of inbox) tickets.push(await triage(message));

if (process.argv.includes("--json")) console.log(JSON.stringify({ tickets, functions: await measure() }));
else console.table(tickets);

/** How the tests of each function went when it was compiled, and the median milliseconds of a call now. */
async function measure() {
  const rows = [];
  for (const run of Object.values(functions)) {
    const times = [];
    for (let call = 0; call < 3; call++) {
      const start = performance.now();
      await run(inbox[0]);
      times.push(performance.now() - start);
    }
    rows.push({ name: run.meta.name, tests: run.meta.tests, milliseconds: times.sort((a, b) => a - b)[1] });
  }
  return rows;
}
