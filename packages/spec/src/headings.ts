import { nearest, type Problems, quote } from "./diagnostics.ts";
import { invisibleIn, looksLike } from "./printable.ts";
import type { Source } from "./source.ts";

/** The two lists of a spec. */
export type SectionName = "examples" | "tests";

const NAMES: readonly SectionName[] = ["examples", "tests"];
const LEVEL = 2;

/** A line that Markdown, HTML or people take for a heading. */
interface Heading {
  /** 1 to 6; none where the line is no Markdown heading of its own (bold text, an underlined or quoted one). */
  level?: number;
  title: string;
  /** `## Examples`, with nothing that would have to be guessed at. */
  isPlain: boolean;
}

/**
 * The section that a line opens, if any. What may be meant as one and is not is a problem, for its list would become
 * instructions: a heading that begins with a section's name, or is nearly one.
 */
export function readHeading(source: Source, line: number, problems: Problems): SectionName | undefined {
  const heading = headingAt(source, line);
  if (!heading) return undefined;
  const name = NAMES.find((candidate) => candidate === heading.title);
  if (name && heading.isPlain && heading.level === LEVEL) return name;
  const near = name ?? nearest(heading.title, NAMES, Math.max(1, Math.floor(heading.title.length / 4)));
  const meant = near ?? beginning(heading);
  if (!meant) return undefined;
  const written = quote(source.line(line).trim());
  const message = name
    ? `${written} does not open a section.`
    : `The heading ${written} ${near ? "is nearly" : "begins with"} the name of a section.`;
  const hint = `Write \`## ${capital(meant)}\` on a line of its own to open the section. If this belongs to the instructions, word it in another way.`;
  problems.error(
    "heading",
    source.linePlace(line),
    message,
    name ? hint : `Did you mean \`## ${capital(meant)}\`? ${hint}`,
  );
  return near; // read on as if it were, so that its items are checked as what they are
}

function headingAt(source: Source, line: number): Heading | undefined {
  const text = source.line(line);
  if (text.length > 200 || text.trim() === "") return undefined;
  const [, before = "", marks, rest = ""] = /^([\s\p{Cf}>]*)(#{1,6})(?!#)(.*)$/u.exec(text) ?? [];
  if (marks !== undefined) {
    const isFlush = /^ {0,3}$/.test(before);
    // Deeper than three blanks it is a code block, unless it is a section's name.
    if (!isFlush && !NAMES.some((name) => looksLike(rest).startsWith(name))) return undefined;
    const isPlain = isFlush && /^[ \t]/.test(rest) && invisibleIn(rest.trim()) === undefined;
    return { ...headingOf(rest), level: marks.length, ...(isPlain ? {} : { isPlain }) };
  }
  const wrapped = /^\s*(?:(\*\*|__)(.+)\1[:.]?|<h[1-6][^<>]*>(.*)<\/h[1-6]>)\s*$/i.exec(text);
  if (wrapped) return { ...headingOf(wrapped[2] ?? wrapped[3] ?? ""), isPlain: false };
  const below = line < source.lineCount ? source.line(line + 1) : "";
  const isUnderlined = /^ {0,3}(=+|-+)[ \t]*$/.test(below);
  // `Examples:` with a list below it
  const isList = /:\s*$/.test(text) && looksLikeItem(below.trim() === "" ? source.line(line + 2) : below);
  return isUnderlined || isList ? { ...headingOf(text), isPlain: false } : undefined;
}

/** True for a list item as examples and tests have them. */
export function looksLikeItem(line: string): boolean {
  const [, item = ""] = /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s(.*)$/.exec(line) ?? [];
  return /\S[ \t]=>[ \t]/.test(item) || /^[ \t]{0,9}(from:[ \t]{0,9}\S|(input|output):[ \t])/.test(item);
}

/**
 * The words of a heading: its closing marks, emphasis, a colon, `{#attributes}`, a remark in brackets, a comment behind
 * them are decoration.
 */
function headingOf(written: string): Heading {
  const title = looksLike(written)
    .replace(/\s#+$/, "")
    .replace(/\s+(#|<!--|\/\/).*$/, "")
    .replace(/\s*\{[^{}]*\}$/, "")
    .replace(/\s*(\([^()]*\)|\[[^[\]]*\])$/, "")
    .replace(/^[*_`\s]+|[*_`:.\s]+$/g, "");
  return { title, isPlain: true };
}

/** The section whose name a heading begins with. */
function beginning({ title, level }: Heading): SectionName | undefined {
  const [first = ""] = title.split(/[^\p{L}]/u, 1);
  if (level === undefined) return undefined;
  return NAMES.find((name) => first === name || (level === LEVEL && first === name.slice(0, -1)));
}

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
