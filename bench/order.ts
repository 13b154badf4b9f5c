import { seededRandom, shuffle } from "@unplugin-paw/compiler/internals";
import { draft } from "./columns/stages.ts";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite, taskSpec } from "./suite.ts";

const orders = 20;

/** In how many orders of a task's labels an answer is another: the same examples, `draft`, the labels shuffled. */
export default async function order(options: Options): Promise<void> {
  if (!options.suite) throw new Error("order needs --suite DIR, a folder with tasks/*.json");
  const tests = Number(options.tests ?? 50);
  const tasks = readSuite(options.suite, options.tasks?.split(",")).filter(({ labels }) => labels);
  const rows: { task: string; labels: number; answers: number; flipped: number }[] = [];
  for (const whole of tasks) {
    const task = { ...whole, train: whole.train.slice(0, 32), test: whole.test.slice(0, tests) };
    const random = seededRandom(1);
    let first: string[] | undefined;
    let flipped = 0;
    for (let i = 0; i < orders; i++) {
      const labels = i === 0 ? task.labels : shuffle(task.labels as string[], random);
      const named = { ...task, labels };
      const found = (await draft.answers(named, taskSpec(named)))?.texts ?? [];
      first ??= found;
      flipped += found.filter((text, k) => text !== first?.[k]).length;
    }
    rows.push({ task: task.name, labels: task.labels?.length ?? 0, answers: (orders - 1) * tests, flipped });
    console.error(JSON.stringify(rows.at(-1)));
  }
  printTable(
    ["task", "labels", "answers in another order", "that are another"],
    rows.map(({ task, labels, answers, flipped }) => [task, labels, answers, flipped]),
  );
  writeResults("order", { rows });
  process.exit(0);
}
