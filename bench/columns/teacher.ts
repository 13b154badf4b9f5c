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
      const some = { ...task, train: task.train.slice(0, own) };
      return full.answers(some, taskSpec(some, withoutKnown(some, readPairs(join(folder, `${task.name}.jsonl`)))));
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
function withoutKnown({ train, test }: Task, taught: readonly Pair[]): Pair[] {
  const known = new Set([...train, ...test].map(({ input }) => input.trim()));
  return taught.filter(({ input }) => !known.has(input.trim()));
}
