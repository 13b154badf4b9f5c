import type { Contract } from "@unplugin-paw/program";

type Fields = { [name: string]: unknown };

/** A line that is no input, and why. */
export interface WrongLine {
  line: number;
  message: string;
}

/**
 * The inputs of a JSONL text: a line is a string, or an object that is the input or has it as `input`.
 *
 * @returns the first line that is none of these, if there is one
 */
export function parseInputLines(content: string, contract: Contract): unknown[] | WrongLine {
  const inputs: unknown[] = [];
  const lines = content.replace(/^\uFEFF/, "").split("\n");
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const wrong = (message: string): WrongLine => ({ line: index + 1, message });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return wrong(`not JSON: ${(error as Error).message}`);
    }
    if (typeof value !== "string" && !isObject(value)) return wrong("neither a string nor an object");
    if (contract.input.kind === "string" && isObject(value) && !Object.hasOwn(value, "input")) {
      return wrong('the object has no "input"');
    }
    inputs.push(inputOf(value, contract));
  }
  return inputs;
}

/** The inputs of a text file: every line that is not blank. */
export function textLines(content: string): string[] {
  return content
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
}

/** What each line is, for messages. */
export const INPUT_LINES = 'Each line is one JSON value: a string, or an object with "input".';

/**
 * The input in a line's value. Where a function has a field of its own named `input`, only an object there can be the
 * whole input.
 */
function inputOf(value: string | Fields, { input }: Contract): unknown {
  if (!isObject(value) || !Object.hasOwn(value, "input")) return value;
  const names = input.kind === "object" ? Object.keys((input.schema.properties as object | undefined) ?? {}) : [];
  return names.includes("input") && !isObject(value.input) ? value : value.input;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
