import { type Problem, Problems, quote } from "./diagnostics.ts";
import type { Item } from "./sections.ts";
import type { Place, Source } from "./source.ts";
import { type Block, entries, parseBlock, QUOTE_IT } from "./yaml.ts";
/** One key of a list item, and what stands behind it as it is written. */
export interface Part {
  key: string;
  keyPlace: Place;
  /** What stands on the key's line behind the colon, without the blanks around it. */
  rest: string;
  /** Place of the above; of the key where there is nothing. */
  place: Place;
  /** True where lines below belong to this key. */
  more: boolean;
  /** From the key to the end of what belongs to it. */
  start: number;
  end: number;
}

const KEY = /^(["']?)([\w-]{1,40})\1[ \t]*:(?=[ \t]|$)/;
const INDENT =
  "Write `input:` and `output:` one below the other; indent the lines of a text by more than its key, below a |.";

/**
 * Cuts a list item in the form of a map into its keys. Not YAML's work: there `#`, `*`, `&`, `: ` and others end or
 * change a text, and a text of an example is what stands there.
 *
 * @param start offset of the first key
 */
export function splitKeys(item: Item, start: number): Part[] | Problem {
  const { source, end } = item.place;
  const first = source.lineAt(start);
  const column = start - source.lineStart(first);
  const parts: Part[] = [];
  for (let line = first; line <= source.lineAt(end); line++) {
    const lineStart = source.lineStart(line);
    const text = source.line(line).trimEnd();
    const indent = line === first ? column : (/^ */.exec(text)?.[0].length ?? 0);
    if (text.trim() === "" && line !== first) continue;
    const part = parts.at(-1);
    if (part && (indent > column || text[indent] === "\t")) {
      part.more = true;
      part.end = lineStart + text.length;
      continue;
    }
    if (text[indent] === "#") continue; // a comment on a line of its own
    const key = indent === column ? KEY.exec(text.slice(column)) : null;
    if (!key) {
      const message = "This line is no key of the list item, and belongs to none.";
      return {
        code: "item-lines",
        place: source.place(lineStart + indent, lineStart + text.length),
        message,
        hint: INDENT,
      };
    }
    parts.push(partOf(source, key, lineStart + column, lineStart + text.length));
  }
  return parts;
}

function partOf(source: Source, [head, mark = "", key = ""]: RegExpExecArray, start: number, end: number): Part {
  const keyPlace = source.place(start, start + key.length + 2 * mark.length);
  const rest = source.text.slice(start + head.length, end).trim();
  const place = rest === "" ? keyPlace : source.place(end - rest.length, end);
  return { key, keyPlace, rest, place, more: false, start, end };
}

/**
 * The text behind a key that wants one: all of its line, whatever YAML would make of it. Undefined where it is in
 * quotes or below a `|`, as YAML writes texts.
 */
export function plainText({ rest, place, more, end }: Part): { text: string } | Problem | undefined {
  if (rest === "" || /^["'|>]/.test(rest)) return undefined;
  if (!more) return { text: rest };
  const below = place.source.place(place.end, end);
  const start = below.start + (/^\s*/.exec(place.source.text.slice(below.start, below.end))?.[0].length ?? 0);
  const hint = "Write | behind the key, and all lines of the text below it, indented.";
  return {
    code: "item-lines",
    place: place.source.place(start, end),
    message: "This text goes on over several lines.",
    hint,
  };
}

/** What YAML reads behind a key; the block's root is the value. */
export function parsePart({ start, end, key, place }: Part): Block | Problem {
  const { source } = place;
  // Blanks before the key keep its column, which is what the lines below are indented by.
  const lineStart = source.lineStart(source.lineAt(start));
  const text = " ".repeat(start - lineStart) + source.text.slice(start, end);
  const block = parseBlock(source, lineStart, end, { text, withoutComments: true });
  if (!("root" in block)) return block;
  const [entry] = entries(block.root as never, block, new Problems());
  if (entry?.key === key) return { ...block, root: entry.value };
  return { code: "yaml", place, message: `This cannot be read as the value of ${quote(key)}.`, hint: QUOTE_IT };
}
