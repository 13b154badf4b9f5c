import Papa from "papaparse";
import type { Add, Report } from "./data.ts";
import { didYouMean } from "./diagnostics.ts";
import type { Signature } from "./signature.ts";
import type { Place, Source } from "./source.ts";
import type { Field } from "./types.ts";
import { type Reading, readInput, readJson, readOutputText } from "./values.ts";

/** Reads a CSV file with a header: the columns `input` and `output`, or the input's fields and `output`; others are ignored. */
export function readCsv(source: Source, signature: Signature, report: Report, add: Add): void {
  const { data, errors } = Papa.parse<string[]>(source.text, { delimiter: ",", newline: "\n" });
  const [wrong] = errors;
  if (wrong) {
    // Papa gives the offset of the quote that is wrong, except for an error that spans the rows.
    const offset = wrong.index ?? 0;
    const hint = 'Put a cell with a comma, quote or line break in double quotes, and write a quote in it as "".';
    report("data-csv", source.linePlace(source.lineAt(offset)), `Wrong CSV: ${wrong.message}.`, hint);
    return;
  }
  let line = 1;
  let columns: Columns | undefined;
  for (const row of data) {
    const at = line;
    line += row.reduce((breaks, cell) => breaks + countBreaks(cell), 1);
    if (row.length === 1 && (row[0] as string).trim() === "") continue;
    if (!columns) {
      columns = readHeader(row, source.linePlace(at), signature, report);
      if (!columns) return;
      continue;
    }
    if (!readRow(row, columns, source, at, signature, report, add)) return;
  }
}

interface Columns {
  count: number;
  output: number;
  /** The column of the text input. */
  input: number;
  /** The columns of the fields of an object input. */
  fields: [Field, number][];
}

function readHeader(row: string[], place: Place, signature: Signature, report: Report): Columns | undefined {
  const names = row.map((name) => name.trim());
  const fields = signature.input?.fields ?? [];
  if (fields.some((field) => field.name === "output")) {
    report("data-columns", place, "A CSV file cannot hold an input field called output.", "Use a .jsonl file.");
    return undefined;
  }
  const required = signature.input ? fields.filter((field) => !field.optional).map((field) => field.name) : ["input"];
  const wanted = [...required, "output"];
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const separator = row.length === 1 ? /[;\t]/.exec(row[0] as string)?.[0] : undefined;
    const form = `The first line must name the columns: ${wanted.join(",")}`;
    const hint = separator ? `Separate the cells with commas, not with ${JSON.stringify(separator)}. ${form}` : form;
    const near = didYouMean(missing, names);
    report(
      "data-columns",
      place,
      `This CSV file has no column ${JSON.stringify(missing)}.`,
      near ? `${near} ${hint}` : hint,
    );
    return undefined;
  }
  const columns = fields.map((field): [Field, number] => [field, names.indexOf(field.name)]);
  return {
    count: names.length,
    output: names.indexOf("output"),
    input: names.indexOf("input"),
    fields: columns.filter(([, index]) => index >= 0),
  };
}

function readRow(
  row: string[],
  columns: Columns,
  source: Source,
  line: number,
  signature: Signature,
  report: Report,
  add: Add,
): boolean {
  const start = source.lineStart(line);
  const lastLine = line + row.reduce((breaks, cell) => breaks + countBreaks(cell), 0);
  const place = source.place(start, source.lineStart(lastLine) + source.line(lastLine).length);
  if (row.length !== columns.count) {
    const message = `This row has ${row.length} cells; the header has ${columns.count}.`;
    report("data-csv", place, message, "Put a cell that has a comma in it in double quotes.");
    return true;
  }
  const cell = (index: number): string => row[index] as string;
  const fail = (code: string, index: number, reading: Reading): void => {
    if (!("value" in reading)) report(code, cellPlace(row, index, source, start), reading.message, reading.hint);
  };
  let input: Reading;
  let inputColumn = columns.input;
  if (signature.input) {
    const fields: Record<string, unknown> = {};
    for (const [field, index] of columns.fields) {
      if (field.optional && cell(index) === "") continue;
      const value = readCell(cell(index), field);
      if (!("value" in value)) {
        fail("input", index, value);
        return true;
      }
      fields[field.name] = value.value;
    }
    input = readInput(fields, signature);
    const name = "path" in input ? input.path?.[0] : undefined;
    inputColumn = columns.fields.find(([field]) => field.name === name)?.[1] ?? 0;
  } else input = readInput(cell(columns.input), signature);
  const output = readOutputText(cell(columns.output).trim(), signature);
  fail("input", inputColumn, input);
  fail("output", columns.output, output);
  return "value" in input && "value" in output ? add(input.value, output.value, place) : true;
}

/** The value of a field: a text as it is, everything else as JSON. */
function readCell(text: string, { shape }: Field): Reading {
  if (shape.labels || shape.word === "string" || shape.word === "date") return { value: text };
  return readJson(text, "input", (value) => ({ value }));
}

/** The place of a cell: the ones before it are as long as they are written, with their quotes. */
function cellPlace(row: string[], index: number, source: Source, rowStart: number): Place {
  let start = rowStart;
  for (const [column, cell] of row.entries()) {
    const quoted = source.text[start] === '"';
    const end = start + cell.length + (quoted ? 2 + countOf(cell, '"') : 0);
    if (column === index) return source.place(start, end);
    start = end + 1;
  }
  return source.place(rowStart);
}

const countBreaks = (cell: string): number => countOf(cell, "\n");

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}
