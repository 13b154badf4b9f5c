import type { Problem } from "./diagnostics.ts";
import type { Source } from "./source.ts";

/** One cell of a table, with its place: the quotes belong to it, the blanks around it do not. */
export interface Cell {
  text: string;
  start: number;
  end: number;
  quoted: boolean;
}

/** Longer cells are mostly rows between two quotes that do not belong together; no input is as long. */
const MAX_CELL = 1_000_000;
const MAX_COLUMNS = 1000;
const HINT = 'Put a cell with a separator, quote or line break in double quotes, and write a quote in it as "".';

/**
 * Cuts CSV text into rows of cells as RFC 4180 has it; blanks around a cell do not count, also where it is in quotes.
 * (Libraries tell neither where a cell stands nor where a quote opens that is never closed, and all cells of a row are
 * needed to point at one.)
 *
 * @param start offset of the first row
 */
export function* readRows(source: Source, start: number, separator: string): Generator<Cell[] | Problem> {
  const { text } = source;
  let at = start;
  while (at < text.length) {
    const row: Cell[] = [];
    for (;;) {
      const cell =
        text[skipBlank(text, at, separator)] === '"'
          ? quotedCell(source, at, separator)
          : plainCell(text, at, separator);
      if (!("text" in cell)) {
        yield cell;
        return;
      }
      if (row.push(cell) > MAX_COLUMNS) {
        const message = `Wrong CSV: this row has more than ${MAX_COLUMNS.toLocaleString("en")} cells.`;
        yield { code: "data-csv", place: source.place(cell.start, cell.end), message, hint: HINT };
        return;
      }
      at = skipBlank(text, cell.end, separator);
      const behind = text[at++];
      if (behind !== separator) break; // a line break, or the end
    }
    yield row;
  }
}

function plainCell(text: string, start: number, separator: string): Cell {
  const first = skipBlank(text, start, separator);
  let end = first;
  while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
  let last = end;
  while (last > first && isBlank(text[last - 1], separator)) last--;
  return { text: text.slice(first, last), start: first, end: last, quoted: false };
}

function quotedCell(source: Source, start: number, separator: string): Cell | Problem {
  const { text } = source;
  const opening = skipBlank(text, start, separator);
  let closing = text.indexOf('"', opening + 1);
  while (closing >= 0 && closing < opening + MAX_CELL && text[closing + 1] === '"')
    closing = text.indexOf('"', closing + 2);
  if (closing >= opening + MAX_CELL) {
    const message = `Wrong CSV: the cell that opens here has more than ${MAX_CELL.toLocaleString("en")} characters.`;
    return {
      code: "data-csv",
      place: source.place(opening, opening + 1),
      message,
      hint: `Is its quote closed? ${HINT}`,
    };
  }
  if (closing < 0) {
    const message = "Wrong CSV: Quoted field unterminated.";
    return {
      code: "data-csv",
      place: source.place(opening, opening + 1),
      message,
      hint: `The quote that opens here is never closed. ${HINT}`,
    };
  }
  const behind = text[skipBlank(text, closing + 1, separator)];
  if (behind !== undefined && behind !== separator && behind !== "\n") {
    const line = source.lineAt(closing);
    const where = `${line}:${closing - source.lineStart(line) + 1}`;
    const message = `Wrong CSV: the quote that opens here is closed at ${where}, and text follows it there.`;
    return { code: "data-csv", place: source.place(opening, opening + 1), message, hint: HINT };
  }
  const content = text.slice(opening + 1, closing).replaceAll('""', '"');
  return { text: content, start: opening, end: closing + 1, quoted: true };
}

function skipBlank(text: string, at: number, separator: string): number {
  let next = at;
  while (isBlank(text[next], separator)) next++;
  return next;
}

const isBlank = (character: string | undefined, separator: string): boolean =>
  (character === " " || character === "\t") && character !== separator;
