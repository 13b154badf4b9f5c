import { readFileSync } from "node:fs";
import type { Spec } from "@unplugin-paw/spec";
import { INPUT_LINES, parseInputLines, textLines } from "@unplugin-paw/spec/record";
import { TeacherError } from "./errors.ts";

/**
 * The real inputs that a spec names with `inputs:`, without answers: a text a line, or of a .jsonl file a JSON value a
 * line.
 *
 * @throws {TeacherError} `INPUTS`: the file cannot be read, or a line of it
 */
export function realInputs({ inputs: file, contract }: Pick<Spec, "inputs" | "contract">): unknown[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const hint = "Give the file back, or remove the key `inputs` from the spec: the record is enough to compile it.";
    throw new TeacherError("INPUTS", `The inputs ${file} cannot be read: ${(cause as Error).message}.`, hint, {
      cause,
    });
  }
  if (/\.txt$/i.test(file)) return textLines(text);
  const found = parseInputLines(text, contract);
  if (Array.isArray(found)) return found;
  throw new TeacherError("INPUTS", `${file}:${found.line}: ${found.message}.`, INPUT_LINES);
}
