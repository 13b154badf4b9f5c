import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { writeWhole } from "@unplugin-paw/disk";
import { parseOutput, renderInput } from "@unplugin-paw/program";
import type { Pair } from "./items.ts";
import type { Spec } from "./parse.ts";
import { recordPath, requestDigest, teacherMark } from "./record.ts";

export { canonical } from "./canonical.ts";
export { INPUT_LINES, parseInputLines, textLines } from "./input-lines.ts";
export { recordPath, requestDigest, teacherMark };

/** A pair without its place. */
export type Answered = Pick<Pair, "input" | "output">;

/** A line of a record; `teacher` is absent where a person wrote it. */
export interface Line extends Answered {
  teacher?: string;
}

/** Who wrote a line: a person, or the teacher when it was asked by this request or by another. */
export function authorOf({ input, output, teacher }: Line, request: string): "person" | "teacher" | "outdated" {
  if (teacher === undefined || teacher !== teacherMark(teacher.split(".")[0] as string, input, output)) return "person";
  return teacher.startsWith(`${request}.`) ? "teacher" : "outdated";
}

/** A pair of the teacher's as a line. */
export function taughtLine(request: string, { input, output }: Answered): Line {
  return { input, output, teacher: teacherMark(request, input, output) };
}

/** Where a record grows until it is whole: what a run that ended early has paid for is not asked again. */
export function partialPath(spec: string): string {
  return `${recordPath(spec)}.partial`;
}

/** The lines of a record; none where there is no file. */
export function readLines(path: string): Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): Line => JSON.parse(line));
}

/** Writes a record, a pair a line, in the order that it is given. */
export async function writeLines(path: string, lines: readonly Line[]): Promise<void> {
  await writeWhole(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/**
 * A pair as a line by hand; the output is written as after `=>`.
 *
 * @returns what is wrong with it, if it does not fit the spec's types
 */
export function readPair(
  { contract }: Spec,
  input: unknown,
  output: string,
): Answered | { message: string; hint?: string } {
  try {
    renderInput(contract, input);
    return { input: input as Pair["input"], output: parseOutput(contract, output) };
  } catch (error) {
    return { message: `That pair does not fit: ${(error as Error).message}.` };
  }
}

/** Pairs that a spec should have, its own examples included, where nobody says otherwise. */
export const usualPairs = 64;

/**
 * Whether a spec lacks pairs that a teacher would write: it has no record and few examples of its own, or its record
 * was asked for with other instructions or types. (One that has a record is not filled up again: people drop pairs,
 * too.)
 *
 * @param wanted pairs that a spec should have
 */
export function lacksPairs({ record, examples }: Spec, wanted: number = usualPairs): boolean {
  return record ? record.outdated > 0 : examples.length < wanted;
}

/** Puts a whole record in the place of the one before. */
export async function finish(spec: string, lines: readonly Line[]): Promise<void> {
  await writeLines(recordPath(spec), lines);
  await rm(partialPath(spec), { force: true });
}
