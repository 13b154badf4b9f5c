import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import type { Contract } from "@unplugin-paw/program";
import { INPUT_LINES, parseInputLines } from "@unplugin-paw/spec/record";
import { UsageError } from "./errors.ts";
import { namedFile } from "./files.ts";
import { note } from "./output.ts";

export interface InputFlags {
  input?: string;
  inputFile?: string;
}

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
  const inputs = parseInputLines(content, contract);
  if (Array.isArray(inputs)) return inputs;
  throw new UsageError(`${file}:${inputs.line}: ${inputs.message}`, INPUT_LINES);
}

function fieldNames({ input }: Contract): string[] {
  return input.kind === "object" ? Object.keys((input.schema.properties as object | undefined) ?? {}) : [];
}
