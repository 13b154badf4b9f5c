import { extname } from "node:path";
import { readCsv } from "./csv.ts";
import { type Problems, quote } from "./diagnostics.ts";
import type { SectionName } from "./headings.ts";
import type { PlacedPair } from "./items.ts";
import { type Json, parseJson } from "./json-text.ts";
import type { Columns } from "./mapping.ts";
import type { Add, Report } from "./pairs.ts";
import type { Signature } from "./signature.ts";
import { locate, type Place, type Source } from "./source.ts";
import type { Field } from "./value-type.ts";
import { readInput, readOutput } from "./values.ts";

/** A data file, and the place of the `from:` that names it. */
export interface DataFile {
  source: Source;
  from: Place;
  section: SectionName;
  /** Default: `input` and `output`. */
  columns?: Columns;
}

export const EXTENSIONS: readonly string[] = [".csv", ".tsv", ".jsonl", ".json"];

/** Reads the pairs of a data file; one that is wrong is a problem and left out. */
export function readData(file: DataFile, signature: Signature, limit: number, problems: Problems): PlacedPair[] {
  const report: Report = (code, place, message, hint) => {
    problems.error(code, place, `${message} ${namedBy(file.from)}`, hint);
    return !problems.full;
  };
  const pairs: PlacedPair[] = [];
  const before = problems.list.length;
  const { columns = { input: "input", output: "output" } } = file;
  /** False once nothing more is worth reading. */
  const add = (input: unknown, output: unknown, place: Place): boolean => {
    pairs.push({ section: file.section, input: input as PlacedPair["input"], output, place });
    return pairs.length <= limit && !problems.full;
  };
  const extension = extname(file.source.file).toLowerCase();
  const isEmpty = file.source.text.trim() === "";
  if (!isEmpty) {
    if (extension === ".csv" || extension === ".tsv") readCsv(file.source, signature, columns, report, add);
    else if (extension === ".jsonl") readJsonLines(file.source, signature, columns, report, add);
    else readJsonArray(file.source, signature, columns, report, add);
  }
  if (pairs.length === 0 && problems.list.length === before) {
    const message = isEmpty ? "This data file is empty." : "This data file has no pairs.";
    report("data-empty", file.source.place(0), message, "Give it pairs, or remove the `from:` line.");
  }
  return pairs;
}

/** The end of a message about a data file: who reads it. */
export function namedBy(from: Place): string {
  const { file, line } = locate(from);
  return `(This file is read by ${file}:${line}.)`;
}

function readJsonLines(source: Source, signature: Signature, columns: Columns, report: Report, add: Add): void {
  for (let line = 1; line <= source.lineCount; line++) {
    const text = source.line(line);
    if (text.trim() === "") continue;
    const json = readJson(text, source, source.lineStart(line), report);
    if (json === "stop") return;
    if (json && !readPair(json.value, source.linePlace(line), signature, columns, report, add)) return;
  }
}

function readJsonArray(source: Source, signature: Signature, columns: Columns, report: Report, add: Add): void {
  const json = readJson(source.text, source, 0, report);
  if (!json || json === "stop") return;
  if (!Array.isArray(json.value)) {
    const hint = 'Write [{"input": "...", "output": "..."}, ...]; for one object a line use the extension .jsonl.';
    report("data", source.place(0), "A .json data file must be an array of pairs.", hint);
    return;
  }
  for (const [index, pair] of json.value.entries()) {
    const start = json.elements[index] ?? 0;
    const lineEnd = source.text.indexOf("\n", start);
    const place = source.place(
      start,
      Math.min(json.elements[index + 1] ?? source.text.length, lineEnd < 0 ? source.text.length : lineEnd),
    );
    if (!readPair(pair, place, signature, columns, report, add)) return;
  }
}

function readJson(text: string, source: Source, offset: number, report: Report): Json | "stop" | undefined {
  const json = parseJson(text);
  if (!("error" in json)) return json;
  const { error } = json;
  const at = offset + error.offset;
  const hint = error.hint ?? "JSON has double quotes around keys and texts, and no comma behind the last of a list.";
  return report("data-json", source.place(at, at + 1), `Wrong JSON: ${error.message}.`, hint) ? undefined : "stop";
}

/** Reads `{ input, output }`, or an object with the keys that a mapping names; false means stop. */
function readPair(
  value: unknown,
  place: Place,
  signature: Signature,
  columns: Columns,
  report: Report,
  add: Add,
): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const pair = (isObject ? value : {}) as Record<string, unknown>;
  const fields = columns.fields && signature.input?.fields;
  const keys = [...(fields ? [] : [columns.input]), columns.output];
  if (!isObject || keys.some((key) => !Object.hasOwn(pair, key))) {
    const form = keys.map((key) => `${JSON.stringify(key)}: ...`).join(", ");
    const hint = `Write {${form}}, or name its keys: \`from: { file: ..., input: text, output: label }\`.`;
    const message = `Expected an object with the key${keys.length > 1 ? "s" : ""} ${keys.join(" and ")}, found ${quote(value)}.`;
    return report("data", place, message, hint);
  }
  const given = readInput(fields ? fieldsOf(pair, fields, columns) : pair[columns.input], signature);
  const wanted = readOutput(pair[columns.output], signature);
  if ("value" in given && "value" in wanted) return add(given.value, wanted.value, place);
  const goesOn = "value" in given || report("input", place, given.message, given.hint);
  return ("value" in wanted || report("output", place, wanted.message, wanted.hint)) && goesOn;
}

/** The object input that lies in several keys of a pair. */
function fieldsOf(pair: Record<string, unknown>, fields: readonly Field[], columns: Columns): Record<string, unknown> {
  const named = fields.map(({ name }) => [name, columns.fields?.get(name) ?? name] as const);
  return Object.fromEntries(
    named.filter(([, key]) => Object.hasOwn(pair, key)).map(([name, key]) => [name, pair[key]]),
  );
}
