import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import type { Contract } from "@unplugin-paw/program";
import { UsageError } from "./errors.ts";
import { namedFile } from "./files.ts";
import { note } from "./output.ts";

export interface InputFlags {
  input?: string;
  inputFile?: string;
}

type Fields = { [name: string]: unknown };

/**
 * The inputs of `paw run`, in order: the one of `--input`, those of `--input-file`, or all of stdin as one.
 *
 * @throws {UsageError} a missing file, text that is not the JSON that it must be (with its line number)
 */
export async function readInputs(contract: Contract, flags: InputFlags, signal: AbortSignal): Promise<unknown[]> {
  if (flags.inputFile !== undefined) {
    namedFile(flags.inputFile, "pipes too");
    return parseLines(await readFile(flags.inputFile, { encoding: "utf8", signal }), flags.inputFile, contract);
  }
  if (flags.input !== undefined) return [parseText(flags.input, contract, "--input")];
  if (process.stdin.isTTY) note("Reading the input from the terminal; end it with Ctrl-D.");
  const whole = await text(addAbortSignal(signal, process.stdin));
  // The line break that `echo` and editors put at the end is not part of the text.
  return [parseText(whole.replace(/\r?\n$/, ""), contract, "stdin")];
}

/** One input as a person writes it: the text itself, or an object as JSON. */
function parseText(given: string, contract: Contract, where: string): unknown {
  if (contract.input.kind === "string") return given;
  try {
    return JSON.parse(given);
  } catch (error) {
    const hint = `This function takes one object with the fields ${fieldNames(contract).join(", ")}.`;
    throw new UsageError(`${where} is not JSON: ${(error as Error).message}`, hint);
  }
}

function parseLines(content: string, file: string, contract: Contract): unknown[] {
  const inputs: unknown[] = [];
  const lines = content.replace(/^\uFEFF/, "").split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const refuse = (what: string) =>
      new UsageError(
        `${file}:${index + 1}: ${what}`,
        'Each line is one JSON value: a string, or an object with "input".',
      );
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw refuse(`not JSON: ${(error as Error).message}`);
    }
    if (typeof value !== "string" && !isObject(value)) throw refuse("neither a string nor an object");
    if (contract.input.kind === "string" && isObject(value) && !Object.hasOwn(value, "input")) {
      throw refuse('the object has no "input"');
    }
    inputs.push(inputOf(value, contract));
  }
  return inputs;
}

/**
 * The input in a line's value. Where a function has a field of its own named `input`, only an object there can be the
 * whole input.
 */
function inputOf(value: string | Fields, contract: Contract): unknown {
  if (!isObject(value) || !Object.hasOwn(value, "input")) return value;
  return fieldNames(contract).includes("input") && !isObject(value.input) ? value : value.input;
}

function fieldNames({ input }: Contract): string[] {
  return input.kind === "object" ? Object.keys((input.schema.properties as object | undefined) ?? {}) : [];
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
