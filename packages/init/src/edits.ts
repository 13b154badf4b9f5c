/** Text in place of a range; an insertion where the range is empty. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A range of a text: `end` is exclusive. */
export interface Range {
  start: number;
  end: number;
}

/** A list in brackets: an array or an object, of JSON or of JavaScript. */
export interface List extends Range {
  items: readonly Range[];
}

/** A text without byte order mark, and with `\n` as line break: what edits work on. */
export function normalised(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}

/** Gives a normalised text the byte order mark and the line breaks of another. */
export function like(model: string, text: string): string {
  const breaks = model.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
  return model.startsWith("\uFEFF") ? `\uFEFF${breaks}` : breaks;
}

/** Applies edits that do not overlap; those at one place in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text: inserted } of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}

/**
 * Puts items at the end of a list, in the way it is written: on lines of their own where the others are, with a comma
 * at the end where there is one; comments stay beside what they belong to.
 *
 * @param unit indentation of a level, for an empty list that is to have lines
 */
export function append(text: string, list: List, items: readonly string[], unit?: string): Edit[] {
  if (items.length === 0) return [];
  const last = list.items.at(-1);
  if (!last) return [fill(text, list, items, unit)];
  const lineStart = text.lastIndexOf("\n", last.start) + 1;
  const indent = text.slice(lineStart, last.start);
  const comma = commaAfter(text, last.end, list.end);
  const after = comma ?? last.end;
  const lineEnd = text.indexOf("\n", after);
  const rest = text.slice(after, lineEnd);
  if (lineEnd < 0 || lineEnd > list.end || /\S/.test(indent) || !/^[ \t]*(?:\/\/.*|\/\*.*\*\/[ \t]*)?$/.test(rest)) {
    return [insertion(last.end, items.map((item) => `, ${item}`).join(""))];
  }
  const lines = items.map((item) => `\n${indent}${item}`).join(",");
  return comma === undefined
    ? [insertion(last.end, ","), insertion(lineEnd, lines)]
    : [insertion(lineEnd, `${lines},`)];
}

function fill(text: string, list: List, items: readonly string[], unit: string | undefined): Edit {
  const inner = text.slice(list.start + 1, list.end - 1);
  if (inner.trim() !== "") return insertion(list.start + 1, `${items.join(", ")},`); // before a comment
  const range = { start: list.start + 1, end: list.end - 1 };
  if (unit === undefined) {
    const space = text[list.start] === "{" ? " " : "";
    return { ...range, text: `${space}${items.join(", ")}${space}` };
  }
  const base = text.slice(text.lastIndexOf("\n", list.start) + 1).match(/^[ \t]*/)?.[0] ?? "";
  return { ...range, text: `${items.map((item) => `\n${base}${unit}${item}`).join(",")}\n${base}` };
}

/** Offset after the comma that follows an item, over white space and comments. */
function commaAfter(text: string, from: number, end: number): number | undefined {
  const match = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*,/.exec(text.slice(from, end));
  return match ? from + match[0].length : undefined;
}

export function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}
