import type { InputContract, JsonSchema } from "@unplugin-paw/program";

/**
 * The same input as other people write it, as far as it can be: with a first letter in the other case, with a final
 * point that it lacked or without the one that it had, with both. A question mark or an exclamation mark says something,
 * and stays. (Blanks, too, differ between writers: those the model never sees, `renderInput`.) Of an object it is the
 * texts of its fields that are written otherwise, all of them: their names are the program's own.
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
  const { properties } = input.schema as { properties: { [name: string]: JsonSchema } };
  const starts = Object.entries(properties).map(([name, { type }]) => ({
    start: `${name}: `,
    isText: type === "string",
  }));
  // A field's text can have lines of its own: a field ends where another begins.
  const lines = text.split("\n").map((line) => ({ line, field: starts.find(({ start }) => line.startsWith(start)) }));
  const found: { said: string; field: (typeof starts)[number] | undefined }[] = [];
  for (const { line, field } of lines) {
    const last = found.at(-1);
    if (field || !last) found.push({ said: line, field });
    else last.said += `\n${line}`;
  }
  return found
    .map(({ said, field }) => (field?.isText ? field.start + way(said.slice(field.start.length)) : said))
    .join("\n");
}
