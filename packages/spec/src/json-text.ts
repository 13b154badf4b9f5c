import { quote } from "./diagnostics.ts";
import { inexact, isExact } from "./number.ts";

/** Where JSON text is wrong, or would lose something, and what is wrong there. */
export interface JsonError {
  offset: number;
  message: string;
  hint?: string;
}

/** A value, with the offsets of the elements of a top-level array. */
export interface Json {
  value: unknown;
  elements: number[];
}

/** Deeper values are written by nobody, and what reads them recurses. */
const MAX_DEPTH = 64;
/** More takes seconds to read, and gigabytes to keep. */
const MAX_VALUES = 2_000_000;
/** Of a top-level array: as many as pairs are read. */
const MAX_ELEMENTS = 100_000;

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/**
 * Parses JSON text as `JSON.parse` does, which tells neither where an error is nor of a key that is given twice (it
 * takes the last) or of digits that a number does not keep.
 */
export function parseJson(text: string): Json | { error: JsonError } {
  const elements: number[] = [];
  const error = scan(text, elements);
  return error ? { error } : { value: JSON.parse(text), elements };
}

function scan(text: string, elements: number[]): JsonError | undefined {
  /** Of each array and object that is open, the keys; none for arrays. */
  const open: (Set<string> | undefined)[] = [];
  let expected: "value" | "key" | "colon" | "more" | "end" = "value";
  let count = 0;
  let mayClose = false; // right behind `[` or `{`
  for (let at = skipBlank(text, 0); ; at = skipBlank(text, at)) {
    const character = text[at];
    const fail = (message: string, hint?: string): JsonError => ({ offset: at, message, ...(hint && { hint }) });
    if (++count > MAX_VALUES) {
      return fail(`more than ${MAX_VALUES.toLocaleString("en")} values and marks`, "Keep the most telling pairs.");
    }
    if (character === undefined) return expected === "end" ? undefined : fail("the text ends too early");
    if (expected === "end") return fail(`unexpected ${quote(character)} behind the value`);
    const keys = open.at(-1);
    if ((character === "]" || character === "}") && (mayClose || expected === "more")) {
      if ((keys ? "}" : "]") !== character) return fail(`unexpected ${quote(character)}`);
      open.pop();
      at++;
      mayClose = false;
      expected = open.length === 0 ? "end" : "more";
    } else if (expected === "more") {
      if (character !== ",") return fail(`expected a comma, found ${quote(character)}`);
      at++;
      expected = keys ? "key" : "value";
    } else if (expected === "colon") {
      if (character !== ":") return fail(`expected a colon, found ${quote(character)}`);
      at++;
      expected = "value";
    } else {
      if (expected === "key" && character !== '"') {
        return fail(`expected a key in double quotes, found ${quote(character)}`);
      }
      if (expected === "value" && open.length === 1 && !keys && elements.push(at) > MAX_ELEMENTS) {
        return fail(`more than ${MAX_ELEMENTS.toLocaleString("en")} pairs`, "Keep the most telling ones.");
      }
      if (expected === "value" && (character === "[" || character === "{")) {
        if (open.length === MAX_DEPTH)
          return fail(`nested more than ${MAX_DEPTH} levels deep`, "Write a flatter value.");
        open.push(character === "{" ? new Set() : undefined);
        at++;
        mayClose = true;
        expected = character === "{" ? "key" : "value";
        continue;
      }
      const end = character === '"' ? stringEnd(text, at) : scalarEnd(text, at);
      if (end === undefined) {
        return fail(character === '"' ? "a wrong or unclosed string" : `unexpected ${quote(character)}`);
      }
      if (expected === "key") {
        const written = text.slice(at, end);
        const key: string = written.includes("\\") ? JSON.parse(written) : written.slice(1, -1);
        if (keys?.has(key)) return fail(`the key ${quote(key)} is given twice`, "Remove one of them.");
        keys?.add(key);
      } else if (character !== '"' && end - at > 15 && !isExact(text.slice(at, end))) {
        const { message, hint } = inexact(text.slice(at, end));
        return fail(message.replace(/\.$/, ""), hint);
      }
      at = end;
      mayClose = false;
      expected = expected === "key" ? "colon" : open.length === 0 ? "end" : "more";
    }
  }
}

function skipBlank(text: string, at: number): number {
  let next = at;
  for (;;) {
    const code = text.charCodeAt(next);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return next;
    next++;
  }
}

function stringEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return undefined;
    if (code !== 0x5c) continue;
    at++;
    if (text[at] === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(text[at] ?? "x")) return undefined;
  }
  return undefined;
}

function scalarEnd(text: string, start: number): number | undefined {
  SCALAR.lastIndex = start;
  return SCALAR.test(text) ? SCALAR.lastIndex : undefined;
}
