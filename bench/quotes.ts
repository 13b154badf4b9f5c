import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { NOTHING, quotedAt } from "@unplugin-paw/program";
import { full } from "./columns/stages.ts";
import type { Options } from "./options.ts";
import { mean, printTable, writeResults } from "./report.ts";
import { readSuite, score, type Task, taskSpec } from "./suite.ts";

/** What the corpus' tasks answer where there is nothing to extract. */
const NONE = new Set(["none", "null"]);
/** Of the corpus: files with tasks of so many pairs, of which 32 are learnt from. */
const files = ["nlupp", "recognizers"];
const [learnt, least] = [32, 56];
/** Tasks a file. */
const most = 4;

/**
 * Extraction with and without `returns: quote`: a full compile of each task both ways, exact answers (F1 where the task
 * is measured so), and answers that are nowhere in their input.
 */
export default async function quotes(options: Options): Promise<void> {
  if (!options.suite || !options.corpus) throw new Error("quotes needs --suite DIR and --corpus DIR");
  const tests = Number(options.tests ?? 100);
  const tasks = [...readSuite(options.suite), ...corpusTasks(options.corpus)]
    .filter(isExtraction)
    .map((task) => ({ ...task, ...(options.interpreter && { interpreter: options.interpreter }) }))
    .map((task) => ({ ...task, train: task.train.slice(0, learnt), test: task.test.slice(0, tests) }));
  const rows: { task: string; tests: number; free: Way; quoted: Way }[] = [];
  for (const task of tasks) {
    const row = { task: task.name, tests: task.test.length, free: await run(task), quoted: await run(quoting(task)) };
    rows.push(row);
    console.error(JSON.stringify(row));
  }
  const means = (way: "free" | "quoted") => mean(rows.map((row) => row[way].score));
  const sum = (way: "free" | "quoted") => rows.reduce((total, row) => total + row[way].invented, 0);
  printTable(
    ["task", "tests", "string", "quote", "invented, string", "invented, quote"],
    [
      ...rows.map(({ task, tests, free, quoted }) => [
        ...[task, tests, free.score.toFixed(3), quoted.score.toFixed(3)],
        ...[free.invented, quoted.invented],
      ]),
      ["**mean, sum**", "", means("free").toFixed(3), means("quoted").toFixed(3), sum("free"), sum("quoted")],
    ],
  );
  writeResults("quotes", { rows });
  process.exit(0);
}

/** How one way of answering did. */
interface Way {
  score: number;
  /** Answers that are nowhere in their input. */
  invented: number;
  /** The compile's. */
  seconds: number;
}

/** Where every answer is a part of its input, or says that there is none. */
function isExtraction({ labels, train, test }: Task): boolean {
  return !labels && [...train, ...test].every(({ input, output }) => NONE.has(output) || quotedAt(input, output));
}

function quoting(task: Task): Task {
  const asQuote = ({ input, output }: Task["train"][number]) => ({ input, output: NONE.has(output) ? null : output });
  return { ...task, returns: "quote", train: task.train.map(asQuote) as Task["train"] };
}

async function run(task: Task): Promise<Way> {
  const found = await full.answers(task, taskSpec(task));
  const texts = found?.texts ?? [];
  const none = (text: string) => (NONE.has(text.trim()) ? NOTHING : text);
  return {
    score: mean(task.test.map(({ output }, i) => score(task, none(texts[i] ?? ""), none(output)))),
    invented: task.test.filter(({ input }, i) => {
      const text = texts[i]?.trim() ?? "";
      return !NONE.has(text) && !quotedAt(input, text);
    }).length,
    seconds: found?.numbers?.seconds ?? 0,
  };
}

/** Extraction tasks of the corpus: the first of each file that have enough pairs. */
function corpusTasks(folder: string): Task[] {
  return files.flatMap((file) => {
    const lines = gunzipSync(readFileSync(join(folder, `${file}.jsonl.gz`)))
      .toString("utf8")
      .trimEnd()
      .split("\n");
    const tasks = lines.flatMap((line, i): Task[] => {
      const { spec, examples } = JSON.parse(line) as { spec: string; examples: Task["train"] };
      const known = new Map(examples.map((pair) => [pair.input.trim(), pair]));
      const pairs = [...known.values()];
      const test = pairs.slice(learnt);
      // A task that nearly always answers "none" tells nothing.
      const some = test.filter(({ output }) => !NONE.has(output)).length;
      if (pairs.length < least || some < test.length / 4) return [];
      return [{ name: `${file}-${i}`, spec, labels: null, metric: "exact", train: pairs.slice(0, learnt), test }];
    });
    return tasks.filter(isExtraction).slice(0, most);
  });
}
