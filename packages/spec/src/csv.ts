import { type Cell, readRows } from "./cells.ts";
import { didYouMean, quote } from "./diagnostics.ts";
import type { Columns } from "./mapping.ts";
import type { Add, Report } from "./pairs.ts";
import type { Signature } from "./signature.ts";
import type { Place, Source } from "./source.ts";
import type { Field } from "./value-type.ts";
import { type Reading, readInput, readJson, readOutputText } from "./values.ts";

/** Where the columns of a table are. */
interface Indexes {
  count: number;
  output: number;
  /** Of the text input. */
  input: number;
  /** Of the fields of an object input. */
  fields: [Field, number][];
}

/**
 * Reads a CSV or TSV file with a header: the columns `input` and `output`, or the input's fields and `output`, or those
 * that a mapping names; others are ignored. The separator is what makes these columns of the header, or what Excel's
 * first line `sep=;` says.
 */
export function readCsv(source: Source, signature: Signature, columns: Columns, report: Report, add: Add): void {
  const told = /^sep=(.)\n/.exec(source.text)?.[1];
  let start = told === undefined ? 0 : 6;
  while (source.text[start] === "\n") start++;
  const wanted = wantedColumns(signature, columns);
  const separator = told ?? separatorOf(source, start, wanted);
  let indexes: Indexes | undefined;
  for (const row of readRows(source, start, separator)) {
    if (!Array.isArray(row)) {
      report(row.code, row.place, row.message, row.hint);
      return;
    }
    if (row.every((cell) => cell.text === "" && !cell.quoted)) continue; // as spreadsheets leave them
    if (indexes) {
      if (!readRow(row, indexes, source, signature, report, add)) return;
    } else {
      indexes = readHeader(row, placeOf(source, row), signature, columns, wanted, report);
      if (!indexes) return;
    }
  }
}

/** The columns that must be there. */
function wantedColumns({ input }: Signature, columns: Columns): string[] {
  const fields = input?.fields?.filter((field) => !field.optional).map(({ name }) => columns.fields?.get(name) ?? name);
  return [...(fields ?? [columns.input]), columns.output];
}

function separatorOf(source: Source, start: number, wanted: readonly string[]): string {
  const likely = source.file.toLowerCase().endsWith(".tsv") ? ["\t", ",", ";"] : [",", ";", "\t"];
  const found = likely.map((separator) => {
    const row = readRows(source, start, separator).next().value;
    return Array.isArray(row) ? wanted.filter((name) => row.some((cell) => cell.text === name)).length : 0;
  });
  return likely[found.indexOf(Math.max(...found))] as string;
}

function readHeader(
  row: Cell[],
  place: Place,
  { input }: Signature,
  columns: Columns,
  wanted: readonly string[],
  report: Report,
): Indexes | undefined {
  const names = row.map((cell) => cell.text.trim());
  const fields = (input?.fields ?? []).map((field): [Field, string] => [
    field,
    columns.fields?.get(field.name) ?? field.name,
  ]);
  if (input ? fields.some(([, column]) => column === columns.output) : columns.input === columns.output) {
    const hint = "Use a .jsonl file, or name another column: `from: { file: ..., output: label }`.";
    const message = `The column ${quote(columns.output)} cannot be both input and output.`;
    report("data-columns", place, message, hint);
    return undefined;
  }
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const hint = `The first line must name the columns: ${wanted.join(",")}. Other names are told by \`from: { file: ..., input: text, output: label }\`.`;
    const near = didYouMean(missing, names.filter(Boolean));
    report("data-columns", place, `This CSV file has no column ${quote(missing)}.`, near ? `${near} ${hint}` : hint);
    return undefined;
  }
  const used = [...(input ? fields.map(([, column]) => column) : [columns.input]), columns.output];
  const twice = used.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) {
    report("data-columns", place, `This CSV file has two columns ${quote(twice)}.`, "Remove or rename one of them.");
    return undefined;
  }
  return {
    count: names.length,
    output: names.indexOf(columns.output),
    input: names.indexOf(columns.input),
    fields: fields
      .map(([field, column]): [Field, number] => [field, names.indexOf(column)])
      .filter(([, index]) => index >= 0),
  };
}

function readRow(
  row: Cell[],
  indexes: Indexes,
  source: Source,
  signature: Signature,
  report: Report,
  add: Add,
): boolean {
  const place = placeOf(source, row);
  while (row.length > indexes.count && isBlank(row.at(-1))) row.pop();
  if (row.length !== indexes.count) {
    const message = `This row has ${row.length} cells; the header has ${indexes.count}.`;
    return report("data-csv", place, message, "Put a cell that has a separator in it in double quotes.");
  }
  const cell = (index: number): Cell => row[index] as Cell;
  const at = (index: number): Place => {
    const { start, end } = cell(index);
    return end > start ? source.place(start, end) : place;
  };
  const fail = (code: string, index: number, reading: Reading): boolean =>
    "value" in reading || report(code, at(index), reading.message, reading.hint);
  const taken = signature.input ? indexes.fields.map(([, index]) => index) : [indexes.input];
  for (const [name, columns] of [
    ["input", taken],
    ["output", [indexes.output]],
  ] as const) {
    if (columns.some((index) => !isBlank(cell(index)))) continue;
    const hint = 'Write "" for an empty text, or remove the row.';
    return report("empty-cell", at(columns[0] as number), `The ${name} of this row is empty.`, hint);
  }
  let input: Reading;
  let inputColumn = indexes.input;
  if (signature.input) {
    const fields: Record<string, unknown> = {};
    for (const [field, index] of indexes.fields) {
      if (field.optional && isBlank(cell(index))) continue;
      const value = readCell(cell(index).text, field);
      if (!("value" in value)) return fail("input", index, value);
      fields[field.name] = value.value;
    }
    input = readInput(fields, signature);
    const name = "path" in input ? input.path?.[0] : undefined;
    inputColumn = indexes.fields.find(([field]) => field.name === name)?.[1] ?? 0;
  } else input = readInput(cell(indexes.input).text, signature);
  const answer = cell(indexes.output).text;
  const isBoolean = signature.contract.output.kind === "boolean";
  const output = readOutputText(isBoolean ? spreadsheetBoolean(answer) : answer, signature);
  const goesOn = fail("input", inputColumn, input);
  if (!fail("output", indexes.output, output)) return false;
  return "value" in input && "value" in output ? add(input.value, output.value, place) : goesOn;
}

/** The value of a field: a text as it is, everything else as JSON. */
function readCell(text: string, { shape }: Field): Reading {
  if (shape.labels || shape.word === "string" || shape.word === "date") return { value: text };
  return readJson(shape.word === "boolean" ? spreadsheetBoolean(text) : text, "input", (value) => ({ value }));
}

/** Excel writes TRUE and FALSE. */
function spreadsheetBoolean(text: string): string {
  return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
}

function isBlank(cell: Cell | undefined): boolean {
  return cell !== undefined && !cell.quoted && cell.text === "";
}

function placeOf(source: Source, row: readonly Cell[]): Place {
  return source.place(source.lineStart(source.lineAt(row[0]?.start ?? 0)), row.at(-1)?.end ?? 0);
}
