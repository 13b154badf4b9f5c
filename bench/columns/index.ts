import { existsSync } from "node:fs";
import type { Column } from "./column.ts";
import { majority } from "./majority.ts";
import { naiveBayes } from "./naive-bayes.ts";
import { promptedColumns } from "./prompted-gguf.ts";
import { fourShot, instructions, manyShot } from "./prompts.ts";
import { sentenceHead } from "./sentence-head.ts";
import { abstaining, bare, continuous, discrete, full, halfSteps, hybrid, joint } from "./stages.ts";
import { synthesisColumn } from "./synthesis.ts";
import { taughtColumn } from "./taught.ts";
import { teacherColumns } from "./teacher.ts";

/**
 * The table's columns, from left to right.
 *
 * @param names which of them; default: all
 * @param promptedGguf path of a larger model, for the columns that prompt it, learn from it or run what it writes
 * @param teacher folder with a teacher's pairs, for the columns that compile them
 * @throws {Error} there is no column of that name, or no such file
 */
export function chooseColumns(names?: readonly string[], promptedGguf?: string, teacher?: string): Column[] {
  if (promptedGguf !== undefined && !existsSync(promptedGguf)) throw new Error(`no file ${promptedGguf} to prompt`);
  const all = [
    majority,
    naiveBayes,
    sentenceHead,
    instructions,
    fourShot,
    manyShot,
    bare,
    discrete,
    continuous,
    hybrid,
    full,
    halfSteps,
    abstaining,
    joint,
    ...(teacher === undefined ? [] : teacherColumns(teacher)),
    ...(promptedGguf === undefined
      ? []
      : [...promptedColumns(promptedGguf), taughtColumn(promptedGguf), synthesisColumn(promptedGguf)]),
  ];
  const unknown = names?.find((name) => !all.some((column) => column.name === name));
  if (unknown !== undefined) {
    const option = unknown.startsWith("teacher") ? "--teacher" : "--prompted-gguf";
    const needed = ["teacher", "prompted", "taught", "synthesis"].some((name) => unknown.startsWith(name));
    const hint = needed ? ` (give ${option})` : "";
    throw new Error(`no column ${unknown}${hint}; there are ${all.map(({ name }) => name).join(", ")}`);
  }
  return all.filter(({ name }) => !names || names.includes(name));
}
