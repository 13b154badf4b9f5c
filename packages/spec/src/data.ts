import { extname } from "node:path";
import { readCsv } from "./csv.ts";
import { type Problems, quote } from "./diagnostics.ts";
import type { PlacedPair } from "./items.ts";
import { scanJson } from "./json.ts";
import type { SectionName } from "./sections.ts";
import type { Signature } from "./signature.ts";
import { locate, type Place, type Source } from "./source.ts";
import { readInput, readOutput } from "./values.ts";

/** A data file, and the place of the `from:` that names it. */
export interface DataFile {
  source: Source;
  from: Place;
  section: SectionName;
}

export const EXTENSIONS: readonly string[] = [".csv", ".jsonl", ".json"];

/** What goes on where something is wrong in a data file; every message names the spec's line too. */
export type Report = (code: string, place: Place, message: string, hint?: string) => void;

/** Reads the pairs of a data file; one that is wrong is a problem and left out. */
export function readData(file: DataFile, signature: Signature, limit: number, problems: Problems): PlacedPair[] {
  const report: Report = (code, place, message, hint) => {
    problems.error(code, place, `${message} ${namedBy(file.from)}`, hint);
  };
  const pairs: PlacedPair[] = [];
  /** False once nothing more is worth reading. */
  const add = (input: unknown, output: unknown, place: Place): boolean => {
    pairs.push({ section: file.section, input: input as PlacedPair["input"], output, place });
    return pairs.length <= limit && !problems.full;
  };
  if (file.source.text.trim() === "") {
    report(
      "data-empty",
      file.source.place(0),
      "This data file is empty.",
      "Give it pairs, or remove the `from:` line.",
    );
    return pairs;
  }
  const extension = extname(file.source.file).toLowerCase();
  if (extension === ".csv") readCsv(file.source, signature, report, add);
  else if (extension === ".jsonl") readJsonLines(file.source, signature, report, add);
  else readJsonArray(file.source, signature, report, add);
  return pairs;
}

/** The end of a message about a data file: who reads it. */
export function namedBy(from: Place): string {
  const { file, line } = locate(from);
  return `(This file is read by ${file}:${line}.)`;
}

/** Takes a pair; false means stop. */
export type Add = (input: unknown, output: unknown, place: Place) => boolean;

function readJsonLines(source: Source, signature: Signature, report: Report, add: Add): void {
  for (let line = 1; line <= source.lineCount; line++) {
    const text = source.line(line);
    if (text.trim() === "") continue;
    const value = parseJson(text, source, source.lineStart(line), report);
    if (value !== undefined && !readPair(value.json, source.linePlace(line), signature, report, add)) return;
  }
}

function readJsonArray(source: Source, signature: Signature, report: Report, add: Add): void {
  const value = parseJson(source.text, source, 0, report);
  if (!value) return;
  if (!Array.isArray(value.json)) {
    const hint = 'Write [{"input": "...", "output": "..."}, ...]; for one object a line use the extension .jsonl.';
    report("data", source.place(0), "A .json data file must be an array of pairs.", hint);
    return;
  }
  const { elements } = scanJson(source.text);
  for (const [index, pair] of value.json.entries()) {
    const start = elements[index] ?? 0;
    const lineEnd = source.text.indexOf("\n", start);
    const place = source.place(
      start,
      Math.min(elements[index + 1] ?? source.text.length, lineEnd < 0 ? source.text.length : lineEnd),
    );
    if (!readPair(pair, place, signature, report, add)) return;
  }
}

function parseJson(text: string, source: Source, offset: number, report: Report): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    const error = scanJson(text).error ?? { offset: 0, message: "it cannot be parsed" };
    const at = offset + error.offset;
    report("data-json", source.place(at, at + 1), `Wrong JSON: ${error.message}.`);
    return undefined;
  }
}

/** Reads `{ input, output }`; false means stop. */
function readPair(value: unknown, place: Place, signature: Signature, report: Report, add: Add): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || !Object.hasOwn(value, "input") || !Object.hasOwn(value, "output")) {
    const hint = 'Write {"input": ..., "output": ...}.';
    report("data", place, `Expected an object with the keys input and output, found ${quote(value)}.`, hint);
    return true;
  }
  const { input, output } = value as { input: unknown; output: unknown };
  const given = readInput(input, signature);
  const wanted = readOutput(output, signature);
  if (!("value" in given)) report("input", place, given.message, given.hint);
  if (!("value" in wanted)) report("output", place, wanted.message, wanted.hint);
  return "value" in given && "value" in wanted ? add(given.value, wanted.value, place) : true;
}
