import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatDiagnostic, parseSpec, type Spec } from "@unplugin-paw/spec";
import { requestDigest, taughtLine } from "@unplugin-paw/spec/record";

/** One measured task: a spec with pairs to compile from and inputs to be scored on. */
export interface Task {
  name: string;
  spec: string;
  labels: string[] | null;
  metric: "accuracy" | "exact" | "f1";
  /** The type of the answers; default: one of the labels, or a text. */
  returns?: string;
  /** The interpreter to compile for; default: the compiler's own. */
  interpreter?: string;
  train: { input: string; output: string }[];
  test: { input: string; output: string }[];
  /** What share of its answers is to be right; default: it answers everything. */
  precision?: number;
  /** Inputs that it is not for. */
  outside?: string[];
}

/**
 * The tasks of a suite folder: `DIR/tasks/*.json`.
 *
 * @param names which of them; default: all
 * @throws {Error} there is no task of that name
 */
export function readSuite(folder: string, names?: readonly string[]): Task[] {
  const tasks = join(folder, "tasks");
  const all = readdirSync(tasks)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file): Task => JSON.parse(readFileSync(join(tasks, file), "utf8")));
  const unknown = names?.find((name) => !all.some((task) => task.name === name));
  if (unknown !== undefined) {
    throw new Error(`no task ${unknown} in ${tasks}; there are ${all.map(({ name }) => name).join(", ")}`);
  }
  return all.filter(({ name }) => !names || names.includes(name));
}

/** A task without an example, as a `.paw` file. */
export function instructionsText({ labels, spec, interpreter, precision, ...task }: Task): string {
  const returns = task.returns ?? (labels ? JSON.stringify(labels) : "string");
  const keys = [
    `returns: ${returns}`,
    ...(interpreter ? [`interpreter: ${interpreter}`] : []),
    ...(precision ? [`abstain: { precision: ${precision} }`] : []),
  ];
  return `---\n${keys.join("\n")}\n---\n${spec}\n`;
}

/**
 * A task as a developer would write it: a `.paw` file whose examples are its training pairs.
 *
 * @param taught pairs that a teacher wrote for it, in its record
 */
export function taskSpec(task: Task, taught: readonly Task["train"][number][] = []): Spec {
  const examples = task.train.length > 0 ? "\n## Examples\n- from: ./examples.json\n" : "";
  const file = new TextEncoder().encode(JSON.stringify(task.train));
  const text = `${instructionsText(task)}${examples}`;
  const { spec: bare } = parseSpec(text, `${task.name}.paw`, { readFile: () => file });
  const lines = bare && taught.map((pair) => JSON.stringify(taughtLine(requestDigest(bare), pair)));
  const { spec, diagnostics } = parseSpec(text, `${task.name}.paw`, {
    readFile: () => file,
    ...(lines?.length && { record: lines.join("\n") }),
  });
  if (!spec) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return spec;
}

/** How right an answer is, 0 to 1. */
export function score({ metric }: Task, answer: string, expected: string): number {
  if (metric !== "f1") return Number(answer.trim() === expected.trim());
  return tokenF1(answer, expected);
}

/** Overlap of words, as SQuAD's evaluation script counts it: lower case, no punctuation, no articles. */
function tokenF1(answer: string, expected: string): number {
  const words = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\p{P}\p{S}]/gu, "")
      .replace(/\b(a|an|the)\b/g, " ")
      .split(/\s+/)
      .filter(Boolean);
  const [a, b] = [words(answer), words(expected)];
  if (a.length === 0 || b.length === 0) return Number(a.length === b.length);
  const left = [...b];
  const shared = a.filter((word) => {
    const i = left.indexOf(word);
    if (i >= 0) left.splice(i, 1);
    return i >= 0;
  }).length;
  if (shared === 0) return 0;
  const [precision, recall] = [shared / a.length, shared / b.length];
  return (2 * precision * recall) / (precision + recall);
}
