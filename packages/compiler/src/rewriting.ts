import type { InputContract } from "@unplugin-paw/program";
import { freeTexts } from "./free-text.ts";

/**
 * The same input as other people write it, as far as it can be: with a first letter in the other case, with a final
 * point that it lacked or without the one that it had, with both. A question mark or an exclamation mark says something,
 * and stays. (Blanks, too, differ between writers: those the model never sees, `renderInput`.) Of an object it is the
 * texts of its fields that are written otherwise, all of them.
 *
 * @param text an input as `renderInput` gives it
 * @example
 * rewritten("Where is it", { kind: "string" }); // ["where is it", "Where is it.", "where is it."]
 */
export function rewritten(text: string, input: InputContract): string[] {
  const ways = [otherCase, otherPoint, (said: string) => otherPoint(otherCase(said))];
  return [...new Set(ways.map((way) => inTexts(text, input, way)))].filter((way) => way !== text);
}

/** A text with its first letter in the other case. */
export function otherCase(text: string): string {
  return text.replace(/\p{L}/u, (first) => (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()));
}

function otherPoint(text: string): string {
  if (/[^.]\.$/.test(text)) return text.slice(0, -1);
  return /[\p{L}\p{N}]$/u.test(text) ? `${text}.` : text;
}

function inTexts(text: string, input: InputContract, way: (said: string) => string): string {
  if (input.kind === "string") return way(text);
  const free = freeTexts(input).map((name) => `${name}: `);
  const starts = Object.keys(input.schema.properties ?? {}).map((name) => `${name}: `);
  // A field's text can have lines of its own: a field ends where another begins.
  const fields: string[] = [];
  for (const line of text.split("\n")) {
    if (fields.length === 0 || starts.some((start) => line.startsWith(start))) fields.push(line);
    else fields.push(`${fields.pop()}\n${line}`);
  }
  const written = fields.map((field) => {
    const start = free.find((start) => field.startsWith(start));
    return start === undefined ? field : start + way(field.slice(start.length));
  });
  return written.join("\n");
}
