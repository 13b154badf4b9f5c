import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Task, taskSpec } from "../suite.ts";
import type { Column } from "./column.ts";
import { full } from "./stages.ts";

type Pair = Task["train"][number];

/**
 * A full compile from the pairs that a teacher wrote, with some of the task's own or none.
 *
 * @param folder the recorded teacher: `TASK.jsonl`, a pair a line
 */
export function teacherColumns(folder: string): Column[] {
  const column = (name: string, title: string, own: number): Column => ({
    name,
    title,
    answers(task) {
      const taught = { ...task, train: merged(task, own, readPairs(join(folder, `${task.name}.jsonl`))) };
      return full.answers(taught, taskSpec(taught));
    },
  });
  return [
    column("teacher", "teacher", 0),
    column("teacher8", "teacher + 8", 8),
    column("teacherAll", "teacher + all", Number.POSITIVE_INFINITY),
  ];
}

function readPairs(file: string): Pair[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line): Pair => JSON.parse(line));
}

/** The task's own pairs win over the teacher's, of which none may have the input of a test. */
function merged({ train, test }: Task, own: number, taught: readonly Pair[]): Pair[] {
  const first = train.slice(0, own);
  const known = new Set([...first, ...test].map(({ input }) => input.trim()));
  return [...first, ...taught.filter(({ input }) => !known.has(input.trim()))];
}
