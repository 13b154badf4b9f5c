import { nearest, type Problems, quote } from "./diagnostics.ts";
import type { Place, Source } from "./source.ts";

/** The two lists of a spec. */
export type SectionName = "examples" | "tests";

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
}

const NAMES: readonly SectionName[] = ["examples", "tests"];

/** Longer instructions do not fit the interpreter's context, let alone leave room in it for an input. */
const MAX_INSTRUCTIONS = 16_000;

/**
 * Splits what follows the front matter: Markdown instructions up to the first `## Examples` or `## Tests`, then list items
 * under these headings.
 */
export function readBody(source: Source, bodyStart: number, closing: Place, problems: Problems): Body {
  const lineCount = source.lineCount;
  const first = bodyStart >= source.text.length ? lineCount + 1 : source.lineAt(bodyStart);
  let line = first;
  let fence = "";
  let fenceLine = 0;
  let section: SectionName | undefined;
  for (; line <= lineCount; line++) {
    const text = source.line(line);
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence) {
      if (mark?.startsWith(fence) && text.trim() === mark) fence = "";
    } else if (mark) [fence, fenceLine] = [mark, line];
    else section = readHeading(source, line, problems);
    if (section) break;
  }
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
  return { instructions, place, items: section ? readItems(source, line + 1, section, problems) : [] };
}

/** The section that a line opens, if any. A heading that is nearly one is a problem: its list would become instructions. */
function readHeading(source: Source, line: number, problems: Problems): SectionName | undefined {
  const text = source.line(line);
  const mark = /^ {0,3}(#{1,6})[ \t]/.exec(text);
  if (!mark || text.length > 100) return undefined;
  const title = text
    .slice(mark[0].length)
    .trim()
    .replace(/\s+#+$/, "")
    .trim()
    .toLowerCase();
  const name = NAMES.find((candidate) => candidate === title);
  const place = source.linePlace(line);
  if (mark[1] !== "##") {
    if (name)
      problems.warning("heading", place, "This heading does not open a section.", `Write \`## ${capital(name)}\`.`);
    return undefined;
  }
  if (name) return name;
  const near =
    NAMES.find((candidate) => candidate.slice(0, -1) === title) ?? nearest(title, NAMES, Math.floor(title.length / 3)); // not "Text"
  if (near) {
    const hint = `Did you mean \`## ${capital(near)}\`? If not, make it a \`###\` heading.`;
    problems.error("heading", place, `The heading ${quote(text.trim())} is nearly the name of a section.`, hint);
  }
  return near; // read on as if it were, so that its items are checked as what they are
}

function readItems(source: Source, firstLine: number, firstSection: SectionName, problems: Problems): Item[] {
  const items: Item[] = [];
  let section = firstSection;
  let open: { marker: number; indent: number; end: number } | undefined;
  let skipping = false;
  const close = (): void => {
    if (open) items.push({ section, place: source.place(open.marker, open.end), marker: open.marker });
    open = undefined;
  };
  for (let line = firstLine; line <= source.lineCount; line++) {
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
    const heading = isItem ? undefined : readHeading(source, line, problems);
    if (isItem || heading) {
      close();
      skipping = false;
      if (heading) section = heading;
      else open = { marker: start + indent, indent, end: start + text.length };
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
  return items;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
