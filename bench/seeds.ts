import { compile } from "@unplugin-paw/compiler";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import { programAnswers } from "./columns/program.ts";
import type { Options } from "./options.ts";
import { mean, printTable, writeResults } from "./report.ts";
import { readSuite, score, taskSpec } from "./suite.ts";

/**
 * How much luck is in a compile: the same tasks with other seeds, which decide the split, the search and the order of
 * examples.
 */
export default async function seedsBench(options: Options): Promise<void> {
  const { suite, tasks, seeds = "10", pairs = "32", tests = "200" } = options;
  if (!suite || !tasks) throw new Error("seeds needs --suite DIR and --tasks a,b,c");
  const rows: { task: string; seed: number; score: number; seconds: number }[] = [];
  for (const whole of readSuite(suite, tasks.split(","))) {
    const task = { ...whole, train: whole.train.slice(0, Number(pairs)), test: whole.test.slice(0, Number(tests)) };
    for (let seed = 0; seed < Number(seeds); seed++) {
      const { program, seconds } = await compile(taskSpec(task), { cache: false, seed });
      const texts = await programAnswers(await sharedEngine(), program, task);
      const right = task.test.map(({ output }, i) => score(task, texts[i] ?? "", output));
      rows.push({ task: task.name, seed, score: mean(right), seconds });
      console.error(JSON.stringify(rows.at(-1)));
    }
  }
  const names = [...new Set(rows.map(({ task }) => task))];
  const table = names.map((name) => {
    const scores = rows.filter(({ task }) => task === name).map((row) => row.score);
    const average = mean(scores);
    // Of a sample: n - 1.
    const variance = scores.reduce((sum, one) => sum + (one - average) ** 2, 0) / Math.max(1, scores.length - 1);
    return { name, average, deviation: Math.sqrt(variance), lowest: Math.min(...scores), highest: Math.max(...scores) };
  });
  printTable(
    ["task", "mean", "standard deviation", "lowest", "highest"],
    table.map(({ name, ...numbers }) => [name, ...Object.values(numbers).map((value) => value.toFixed(3))]),
  );
  writeResults("seeds", { pairs: Number(pairs), tests: Number(tests), rows, table });
  process.exit(0);
}
