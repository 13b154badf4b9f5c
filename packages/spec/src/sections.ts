import type { Problems } from "./diagnostics.ts";
import { capital, looksLikeItem, readHeading, type SectionName } from "./headings.ts";
import type { Place, Source } from "./source.ts";

/** One list item, from its marker to its last line. */
export interface Item {
  section: SectionName;
  place: Place;
  /** Offset of the marker (`-`, `*` or `+`). */
  marker: number;
}

export interface Body {
  instructions: string;
  /** Of the instructions. */
  place: Place;
  items: Item[];
  /** Headings of sections without an item. */
  emptySections: Place[];
}

/** Longer instructions do not fit the interpreter's context, let alone leave room in it for an input. */
const MAX_INSTRUCTIONS = 16_000;

/**
 * Splits what follows the front matter: Markdown instructions up to the first `## Examples` or `## Tests`, then list
 * items under these headings.
 */
export function readBody(source: Source, bodyStart: number, closing: Place, problems: Problems): Body {
  const lineCount = source.lineCount;
  const first = bodyStart >= source.text.length ? lineCount + 1 : source.lineAt(bodyStart);
  let line = first;
  let fence = "";
  let fenceLine = 0;
  let section: SectionName | undefined;
  const strays: number[] = [];
  for (; line <= lineCount; line++) {
    const text = source.line(line);
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence) {
      if (mark?.startsWith(fence) && text.trim() === mark) fence = "";
    } else if (mark) [fence, fenceLine] = [mark, line];
    else section = readHeading(source, line, problems);
    if (section) break;
    if (!fence && looksLikeItem(text)) strays.push(line);
  }
  warnOfStrays(source, strays, problems);
  if (fence) {
    const hint = "Close it with the same mark on a line of its own: sections inside a code block are not read.";
    problems.error("fence-open", source.linePlace(fenceLine), "The code block that begins here is never closed.", hint);
  }
  const end = line > lineCount ? source.text.length : source.lineStart(line);
  const start = bodyStart + (/^\s*/.exec(source.text.slice(bodyStart, end))?.[0].length ?? 0);
  const place = source.place(start, end);
  const instructions = source.text.slice(start, place.end);
  if (instructions === "") {
    const hint = "Say in plain English below this line what the function does.";
    problems.error("no-instructions", closing, "This spec has no instructions.", hint);
  } else if (instructions.length > MAX_INSTRUCTIONS) {
    const message = `The instructions are ${instructions.length.toLocaleString("en")} characters long; the limit is ${MAX_INSTRUCTIONS.toLocaleString("en")}.`;
    const hint =
      "A small model follows short instructions best. Put data under `## Examples` or in a file that `from:` names.";
    problems.error("instructions-too-long", source.linePlace(source.lineAt(start)), message, hint);
  }
  return {
    instructions,
    place,
    ...(section ? readItems(source, line, section, problems) : { items: [], emptySections: [] }),
  };
}

/** Examples that stand before the first section teach and measure nothing. */
function warnOfStrays(source: Source, lines: readonly number[], problems: Problems): void {
  const [first] = lines;
  if (first === undefined) return;
  const what = lines.length === 1 ? "This list item is" : `${lines.length} list items from here on are`;
  const hint =
    "If they are examples, write `## Examples` above them; if not, put them in a code block or use another arrow.";
  problems.warning(
    "stray-example",
    source.linePlace(first),
    `${what} read as part of the instructions, not as examples or tests.`,
    hint,
  );
}

function readItems(
  source: Source,
  headingLine: number,
  firstSection: SectionName,
  problems: Problems,
): Pick<Body, "items" | "emptySections"> {
  const items: Item[] = [];
  const emptySections: Place[] = [];
  let section = firstSection;
  let heading = source.linePlace(headingLine);
  let before = 0; // items of the sections before
  const closeSection = (): void => {
    if (items.length === before) emptySections.push(heading);
    before = items.length;
  };
  let open: { marker: number; indent: number; end: number } | undefined;
  let skipping = false;
  const close = (): void => {
    if (open) items.push({ section, place: source.place(open.marker, open.end), marker: open.marker });
    open = undefined;
  };
  for (let line = headingLine + 1; line <= source.lineCount; line++) {
    const text = source.line(line);
    if (text.trim() === "") {
      skipping = false;
      continue;
    }
    const start = source.lineStart(line);
    const indent = /^ */.exec(text)?.[0].length ?? 0;
    if (open && (indent >= open.indent + 2 || text[indent] === "\t")) {
      open.end = start + text.length;
      continue;
    }
    const isItem = /^ {0,3}[-*+](?:[ \t]|$)/.test(text);
    const name = isItem ? undefined : readHeading(source, line, problems);
    if (isItem || name) {
      close();
      skipping = false;
      if (name) {
        closeSection();
        section = name;
        heading = source.linePlace(line);
      } else open = { marker: start + indent, indent, end: start + text.length };
    } else if (!skipping) {
      close();
      skipping = true; // one message a paragraph
      const message = `Only list items stand under \`## ${capital(section)}\`.`;
      const hint =
        "Write `- input => output`; indent a line that belongs to the item above; put instructions before the sections.";
      problems.error("stray-text", source.linePlace(line), message, hint);
    }
  }
  close();
  closeSection();
  return { items, emptySections };
}
