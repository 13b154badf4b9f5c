import { otherCase } from "@unplugin-paw/compiler/internals";
import { full } from "./columns/stages.ts";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite, taskSpec } from "./suite.ts";

/** Changes of how a text is written that change nothing it says. */
const changes: Record<string, (text: string) => string> = {
  "blanks around it": (text) => `  ${text}\n`,
  "blanks doubled": (text) => text.replace(/ /g, "  "),
  "first letter's case": otherCase,
  "final point": (text) => (/[.!?]$/.test(text) ? text.replace(/[.!?]+$/, "") : `${text}.`),
  "all lower case": (text) => text.toLowerCase(),
};

/** How many answers of programs of labels change with the way in which an input is written: one full compile a task. */
export default async function surface(options: Options): Promise<void> {
  if (!options.suite) throw new Error("surface needs --suite DIR, a folder with tasks/*.json");
  const tests = Number(options.tests ?? 100);
  const tasks = readSuite(options.suite, options.tasks?.split(",")).filter(({ labels }) => labels);
  const rows: { task: string; flipped: Record<string, number> }[] = [];
  for (const whole of tasks) {
    const inputs = whole.test.slice(0, tests);
    const written = [(text: string) => text, ...Object.values(changes)];
    const test = written.flatMap((write) => inputs.map((pair) => ({ ...pair, input: write(pair.input.trim()) })));
    const task = { ...whole, train: whole.train.slice(0, 32), test };
    const texts = (await full.answers(task, taskSpec(task)))?.texts ?? [];
    const flips = (i: number) => inputs.filter((_, k) => texts[k] !== texts[(i + 1) * inputs.length + k]).length;
    rows.push({
      task: task.name,
      flipped: Object.fromEntries(Object.keys(changes).map((name, i) => [name, flips(i) / inputs.length])),
    });
    console.error(JSON.stringify(rows.at(-1)));
  }
  printTable(
    ["task", ...Object.keys(changes)],
    rows.map(({ task, flipped }) => [task, ...Object.values(flipped).map((share) => share.toFixed(3))]),
  );
  writeResults("surface", { rows });
  process.exit(0);
}
