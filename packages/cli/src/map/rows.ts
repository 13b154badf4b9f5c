import { createReadStream, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Contract, JsonSchema } from "@unplugin-paw/program";
import { INPUT_LINES, parseInputLines } from "@unplugin-paw/spec/record";
import { UsageError } from "../errors.ts";

/** A row of a file: an input, or why it is none. */
export interface Row {
  input: unknown;
  problem?: { code: string; message: string };
  /** Bytes of the file up to its end, where they are known. */
  end?: number;
}

/** Rows as they are read. */
export interface Rows {
  rows: AsyncIterable<Row>;
  /** Of the file; undefined where its rows do not tell where they end. */
  bytes?: number;
}

const TABLES = [".csv", ".tsv", ".parquet"];
const LINES = [".jsonl", ".ndjson"];

/**
 * Opens a file of inputs: JSON Lines, or a table whose column is the input (of an object input, its fields).
 *
 * @param column of a table, for a function that takes one text
 * @throws {UsageError} a file of another kind; a table takes a package that is not here, or lacks the column
 */
export async function openRows(file: string, contract: Contract, column: string | undefined): Promise<Rows> {
  const kind = extname(file).toLowerCase();
  if (LINES.includes(kind)) {
    return { rows: lineRows(createReadStream(file), contract), bytes: statSync(file).size };
  }
  if (TABLES.includes(kind)) return { rows: await tableRows(file, contract, column) };
  throw new UsageError(`${file} is none of ${[...LINES, ...TABLES].join(", ")}.`);
}

/** Rows of JSON Lines; an empty line is none. */
export async function* lineRows(stream: Readable, contract: Contract): AsyncGenerator<Row, void> {
  let [number, end] = [0, 0];
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    end += Buffer.byteLength(line) + 1; // (A byte less than there is, where lines end with two.)
    if (line.trim() === "") continue;
    const found = parseInputLines(line, contract);
    if (Array.isArray(found)) yield { input: found[0], end };
    else
      yield {
        input: line,
        end,
        problem: { code: "json", message: `line ${number}: ${found.message}. ${INPUT_LINES}` },
      };
  }
}

/** Rows of a table, read in pieces by DuckDB. */
async function tableRows(
  file: string,
  contract: Contract,
  column: string | undefined,
): Promise<AsyncGenerator<Row, void>> {
  const { DuckDBInstance } = await import("@duckdb/node-api").catch((cause) => {
    const hint = "npm install @duckdb/node-api";
    throw new UsageError("CSV and Parquet files are read by DuckDB, which is not here.", hint, { cause });
  });
  // One thread: the others are the model's. (Rows come in the file's order.)
  const database = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await database.connect();
  const path = `'${resolve(file).replaceAll("'", "''")}'`;
  const source = /\.parquet$/i.test(file) ? `read_parquet(${path})` : `read_csv(${path}, all_varchar = true)`;
  const unreadable = (cause: Error) =>
    new UsageError(`${file} cannot be read: ${cause.message.split("\n")[0]}`, undefined, { cause });
  const result = await connection.stream(`SELECT * FROM ${source}`).catch((cause: Error) => {
    throw unreadable(cause);
  });
  const inputOf = reader(contract, result.columnNames(), column, file);
  return (async function* () {
    try {
      for await (const rows of result.yieldRowObjectJson()) for (const row of rows) yield { input: inputOf(row) };
    } catch (error) {
      throw unreadable(error as Error);
    } finally {
      connection.closeSync();
      database.closeSync();
    }
  })();
}

type Cells = Record<string, unknown>;

/** How a row of a table is an input. */
function reader(
  { input }: Contract,
  names: readonly string[],
  column: string | undefined,
  file: string,
): (row: Cells) => unknown {
  const has = `It has the columns ${names.join(", ")}.`;
  if (input.kind === "object") {
    const fields = Object.entries((input.schema.properties ?? {}) as Record<string, JsonSchema>);
    const required = (input.schema.required ?? []) as string[];
    const missing = required.filter((name) => !names.includes(name));
    if (missing.length > 0) throw new UsageError(`${file} lacks the column ${missing.join(", ")}.`, has);
    return (row) =>
      Object.fromEntries(
        fields.flatMap(([name, schema]) => {
          const value = cell(row[name], schema);
          return value === undefined ? [] : [[name, value]];
        }),
      );
  }
  const [only, ...others] = names;
  const name = column ?? (others.length === 0 ? only : "input");
  if (name === undefined || !names.includes(name)) {
    throw new UsageError(`${file} lacks the column ${name}.`, `Name it with --column. ${has}`);
  }
  return (row) => cell(row[name], { type: "string" }) ?? "";
}

/** A cell as a value of a type; undefined where it is empty. What does not fit stays as it is: the function says so. */
function cell(value: unknown, { type }: JsonSchema): unknown {
  if (value === null || value === undefined) return undefined;
  if (
    (type === "number" || type === "integer") &&
    typeof value === "string" &&
    value.trim() !== "" &&
    Number.isFinite(Number(value))
  ) {
    return Number(value);
  }
  if (type === "boolean" && typeof value === "string" && /^(true|false)$/i.test(value)) {
    return value.toLowerCase() === "true";
  }
  return type === "string" && typeof value !== "string" ? JSON.stringify(value) : value;
}
