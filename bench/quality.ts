import type { Column } from "./columns/column.ts";
import { chooseColumns } from "./columns/index.ts";
import { outsideInputs } from "./confidence.ts";
import type { Options } from "./options.ts";
import { commit, mean, printTable, writeResults } from "./report.ts";
import { openLog, type Result } from "./results.ts";
import { readSuite, score, type Task, taskSpec } from "./suite.ts";

/**
 * Quality on held-out inputs: a row a task, a column a way to answer. All learn from the same training pairs; all
 * language models answer with the same decoder (labels over their trie, texts greedily).
 */
export default async function quality(options: Options): Promise<void> {
  if (!options.suite) throw new Error("quality needs --suite DIR, a folder with tasks/*.json");
  const pairs = count("pairs", options.pairs ?? "32");
  const tests = count("tests", options.tests ?? "200");
  const { interpreter } = options;
  const name = ["quality", pairs, tests, ...(interpreter ? [interpreter] : [])].join("-");
  const columns = chooseColumns(options.columns?.split(","), options["prompted-gguf"], options.teacher);
  const suite = readSuite(options.suite);
  const tasks = readSuite(options.suite, options.tasks?.split(",")).map((task) => ({
    ...task,
    outside: outsideInputs(task, suite),
    ...(interpreter && { interpreter }),
    train: task.train.slice(0, pairs),
    test: task.test.slice(0, tests),
  }));

  const log = openLog(name);
  const done = options.resume ? log.read() : [];
  const atCommit = commit();
  const results: Result[] = [];
  for (const task of tasks) {
    for (const column of columns) {
      const known = done.find((one) => one.task === task.name && one.column === column.name);
      const result = known ?? (await measure(task, column, atCommit));
      if (!result) continue;
      results.push(result);
      if (known) continue;
      log.append(result);
      console.error(JSON.stringify(result));
    }
  }
  printScores(tasks, columns, results);
  console.log();
  printNumbers(columns, results);
  writeResults(name, { pairs, tests, means: means(tasks, columns, results), results });
  // llama.cpp's threads would keep the process.
  process.exit(0);
}

function count(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} is "${text}", not a number from 1`);
  return number;
}

async function measure(task: Task, { name, answers }: Column, commit: string): Promise<Result | undefined> {
  const start = performance.now();
  const found = await answers(task, taskSpec(task));
  if (!found) return undefined;
  return {
    task: task.name,
    column: name,
    metric: task.metric,
    score: mean(task.test.map(({ output }, i) => score(task, found.texts[i] ?? "", output))),
    seconds: (performance.now() - start) / 1000,
    ...(found.numbers && { numbers: found.numbers }),
    commit,
  };
}

/**
 * Means over all tasks, the label tasks and the text tasks; null where a column lacks one of them, as it would not
 * compare.
 */
function means(
  tasks: readonly Task[],
  columns: readonly Column[],
  results: readonly Result[],
): Record<string, Record<string, number | null>> {
  const groups = {
    all: tasks,
    labels: tasks.filter(({ labels }) => labels),
    texts: tasks.filter(({ labels }) => !labels),
  };
  const meanOf = (group: readonly Task[], { name }: Column) => {
    const scores = group.map((task) => find(results, task, name)?.score);
    return group.length > 0 && scores.every((one) => one !== undefined) ? mean(scores) : null;
  };
  return Object.fromEntries(
    Object.entries(groups).map(([group, members]) => [
      group,
      Object.fromEntries(columns.map((column) => [column.name, meanOf(members, column)])),
    ]),
  );
}

function find(results: readonly Result[], task: Task, column: string): Result | undefined {
  return results.find((one) => one.task === task.name && one.column === column);
}

const shown = (value: number | null | undefined) => value?.toFixed(3) ?? "–";

function printScores(tasks: readonly Task[], columns: readonly Column[], results: readonly Result[]): void {
  const { all, labels, texts } = means(tasks, columns, results);
  const meanRow = (title: string, group: typeof all) => [
    `**${title}**`,
    "",
    ...columns.map(({ name }) => shown(group?.[name])),
  ];
  printTable(
    ["task", "metric", ...columns.map(({ title }) => title)],
    [
      ...tasks.map((task) => [
        task.name,
        task.metric,
        ...columns.map(({ name }) => shown(find(results, task, name)?.score)),
      ]),
      meanRow("mean", all),
      meanRow("mean of label tasks", labels),
      meanRow("mean of text tasks", texts),
    ],
  );
}

/** What a column costs, and its own numbers: means over the tasks that it answered. */
function printNumbers(columns: readonly Column[], results: readonly Result[]): void {
  const rows = columns.flatMap(({ name, title }) => {
    const own = results.filter(({ column }) => column === name);
    if (own.length === 0) return [];
    const names = new Set(own.flatMap(({ numbers }) => Object.keys(numbers ?? {})));
    const numbers = [...names].map((key) => {
      const values = own.flatMap(({ numbers }) => numbers?.[key] ?? []);
      return `${key} ${mean(values).toPrecision(3)}`;
    });
    const commits = new Set(own.map(({ commit }) => commit));
    return [[title, mean(own.map(({ seconds }) => seconds)).toFixed(2), numbers.join(", "), [...commits].join(", ")]];
  });
  printTable(["column", "seconds a task", "its numbers, mean", "commit"], rows);
}
