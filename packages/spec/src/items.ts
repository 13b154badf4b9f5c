import { isCollection, isMap, isNode, isScalar, type Node } from "yaml";
import { nearest, type Problem, type Problems, quote } from "./diagnostics.ts";
import type { SectionName } from "./headings.ts";
import { parsePart, plainText, splitKeys } from "./keyed.ts";
import { type Columns, readMapping } from "./mapping.ts";
import type { Item } from "./sections.ts";
import type { Signature } from "./signature.ts";
import type { Location, Place } from "./source.ts";
import { isText, nodeValue, type Reading, readInput, readOutput, readOutputText } from "./values.ts";
import { type Block, describe, entries, isEmpty, parseBlock, textOf } from "./yaml.ts";

/** One example or test. */
export interface Pair {
  /** A text, or an object with the fields that the front matter's `input` names. */
  input: string | Record<string, unknown>;
  /** A value of the type that the function returns. */
  output: unknown;
  location: Location;
  /** A teacher wrote it, and no person has edited it. */
  by?: "teacher";
}

/** A pair before its type is checked for good: with its place, and the section that it stands in. */
export interface PlacedPair {
  section: SectionName;
  input: Pair["input"];
  output: unknown;
  place: Place;
  by?: Pair["by"];
}

/** What an item says: a pair, or a data file to read. */
export type ItemContent =
  | { pair: PlacedPair }
  | { from: string; place: Place; section: SectionName; columns?: Columns };

type Side = "input" | "output";
type Value = { value: unknown };

const KEYS = ["input", "output", "from"];
const FORMS = "Write `- input => output`, a map with `input:` and `output:`, or `- from: ./file.csv`.";
const QUOTES = 'Put a text that begins like a key in quotes: - "from: Ann" => spam';

/**
 * Reads one list item. Without a signature (the front matter is wrong) only its form is checked.
 *
 * @returns undefined where the item is wrong or has no pair to give.
 */
export function readItem(item: Item, signature: Signature | undefined, problems: Problems): ItemContent | undefined {
  const { source, start, end } = item.place;
  const contentStart = start + 1 + (/^[ \t]*/.exec(source.text.slice(start + 1, end))?.[0].length ?? 0);
  const content = source.text.slice(contentStart, end);
  if (content === "") {
    problems.error("empty-item", item.place, "This list item is empty.", FORMS);
    return undefined;
  }
  const lineEnd = content.indexOf("\n");
  const firstLine = lineEnd < 0 ? content : content.slice(0, lineEnd);
  const arrow = lastArrow(firstLine);
  if (isKeyed(firstLine, arrow >= 0, lineEnd >= 0)) return readMap(item, contentStart, signature, problems);
  if (arrow < 0) {
    const hint =
      lineEnd >= 0 ? `${FORMS} A pair with => is one line.` : `${FORMS} The arrow has a space on both sides.`;
    problems.error("no-arrow", source.place(contentStart, end), "This list item has no ` => `.", hint);
    return undefined;
  }
  if (lineEnd >= 0) {
    const hint =
      "Use the long form for texts of several lines:\n\n- input: |\n    The first line.\n    The second line.\n  output: ...";
    const place = source.place(contentStart + lineEnd + 1 + indentAt(content, lineEnd + 1), end);
    problems.error("item-lines", place, "A pair with => is one line.", hint);
    return undefined;
  }
  return readLine(item, contentStart, firstLine, arrow, signature, problems);
}

/**
 * Offset of the last `=>` with white space (or the line's end) on both sides and no `\` before it; -1 where there is
 * none.
 */
function lastArrow(line: string): number {
  for (let at = line.lastIndexOf("=>"); at >= 0; at = at === 0 ? -1 : line.lastIndexOf("=>", at - 1)) {
    if (/^\s?$/.test(line[at - 1] ?? "") && /^\s?$/.test(line[at + 2] ?? "")) return at;
  }
  return -1;
}

/** True for an item in the form of a map. A text that merely begins with a word and a colon stays a text. */
function isKeyed(firstLine: string, hasArrow: boolean, hasMore: boolean): boolean {
  const key = /^(["']?)([\w-]{1,40})\1[ \t]*:(?:[ \t]|$)/.exec(firstLine)?.[2];
  if (key !== undefined && KEYS.includes(key)) return true;
  if (hasArrow) return false;
  return firstLine.startsWith("{") || (key !== undefined && (hasMore || nearest(key, KEYS) !== undefined));
}

function readLine(
  item: Item,
  start: number,
  line: string,
  arrow: number,
  signature: Signature | undefined,
  problems: Problems,
): ItemContent | undefined {
  const { source } = item.place;
  const left = line.slice(0, arrow).trimEnd();
  const right = line.slice(arrow + 2).trim();
  const leftPlace = source.place(start, start + left.length);
  const rightStart = start + arrow + 2 + indentAt(line, arrow + 2);
  const rightPlace = source.place(rightStart, rightStart + right.length);
  if (left === "" || right === "") {
    const side = left === "" ? "before" : "after";
    problems.error(
      "empty-side",
      source.place(start + arrow, start + arrow + 2),
      `There is nothing ${side} =>.`,
      'Write "" for an empty text.',
    );
    return undefined;
  }
  if (!signature) return undefined;
  const input = signature.input
    ? readFlow(leftPlace, "input", signature, problems)
    : accept(readInput(unquote(left), signature), leftPlace, "input", problems);
  const output =
    signature.contract.output.kind === "json"
      ? readFlow(rightPlace, "output", signature, problems)
      : accept(readOutputText(unquote(right), signature), rightPlace, "output", problems);
  return pairOf(item, input, output);
}

/** Reads JSON or YAML in one line: `{ name: Ann, tags: [a, b] }`. */
function readFlow(place: Place, what: Side, signature: Signature, problems: Problems): Value | undefined {
  const block = parseBlock(place.source, place.start, place.end, { withoutComments: true });
  const hint = 'Write JSON, such as [1, 2] or {"name": "Ann"}.';
  if (!("root" in block)) {
    problems.error(
      what,
      block.place,
      `The ${what} cannot be read. ${block.message}`,
      block.code === "yaml" ? hint : block.hint,
    );
  } else if (block.root === null) problems.error(what, place, `The ${what} is empty.`, hint);
  else {
    return readNode(block.root, block, place, what, signature, problems);
  }
  return undefined;
}

/** A key of an item, with the ways to read what stands behind it. */
interface Field {
  key: string;
  keyPlace: Place;
  place: Place;
  isEmpty: boolean;
  /** Its text as it is written, where it is no YAML that means something else (see {@link plainText}). */
  text(): { text: string } | Problem | undefined;
  yaml(): Block | Problem;
}

function readMap(
  item: Item,
  start: number,
  signature: Signature | undefined,
  problems: Problems,
): ItemContent | undefined {
  const { source } = item.place;
  const fields = source.text[start] === "{" ? flowFields(item, start, problems) : lineFields(item, start, problems);
  if (!fields) return undefined;
  const found = new Map<string, Field>();
  const before = problems.list.length;
  for (const field of fields) {
    const { key, keyPlace } = field;
    if (found.has(key)) {
      problems.error("duplicate-key", keyPlace, `The key ${quote(key)} is given twice.`, "Remove one of them.");
    } else if (KEYS.includes(key)) found.set(key, field);
    else {
      const near = nearest(key, KEYS);
      const hint = `${near ? `Did you mean ${quote(near)}? ` : ""}${FORMS}`;
      problems.error("unknown-key", keyPlace, `A list item has no key ${quote(key)}.`, hint);
    }
  }
  if (problems.list.length > before) return undefined;
  const from = found.get("from");
  if (from) return readFrom(from, found.size === 1, item, signature, problems);
  const input = found.get("input");
  const output = found.get("output");
  if (!input || !output) {
    const key = input ? "output" : "input";
    const arrow = lastArrow(source.line(source.lineAt(start))) >= 0;
    problems.error("missing-key", item.place, `This list item has no \`${key}:\`.`, arrow ? QUOTES : FORMS);
    return undefined;
  }
  for (const { key, isEmpty, keyPlace } of [input, output]) {
    if (!isEmpty) continue;
    problems.error("empty-side", keyPlace, `There is nothing behind \`${key}:\`.`, 'Write "" for an empty text.');
    return undefined;
  }
  if (!signature) return undefined;
  return pairOf(item, readSide(input, "input", signature, problems), readSide(output, "output", signature, problems));
}

/** The keys of `{ input: ..., output: ... }`. */
function flowFields(item: Item, start: number, problems: Problems): Field[] | undefined {
  const block = parseBlock(item.place.source, start, item.place.end, { withoutComments: true });
  if (!("root" in block)) {
    problems.add(block);
    return undefined;
  }
  if (!isMap(block.root)) {
    problems.error("item", item.place, `Expected a map, found ${describe(block.root)}.`, FORMS);
    return undefined;
  }
  return entries(block.root, block, problems).map(({ key, keyPlace, place, value }) => ({
    ...{ key, keyPlace, place, isEmpty: isEmpty(value) },
    text: () => undefined,
    yaml: () => ({ ...block, root: value }),
  }));
}

/** The keys of an item that has each on a line of its own. */
function lineFields(item: Item, start: number, problems: Problems): Field[] | undefined {
  const parts = splitKeys(item, start);
  if (!Array.isArray(parts)) {
    problems.add(parts);
    return undefined;
  }
  return parts.map((part) => ({
    ...{ key: part.key, keyPlace: part.keyPlace, place: part.place },
    isEmpty: part.rest === "" && !part.more,
    text: () => plainText(part),
    yaml: () => parsePart(part),
  }));
}

function readSide(field: Field, what: Side, signature: Signature, problems: Problems): Value | undefined {
  const wantsText = what === "input" ? !signature.input : isText(signature);
  const text = wantsText ? field.text() : undefined;
  if (text && "text" in text) {
    const reading = what === "input" ? readInput(text.text, signature) : readOutputText(text.text, signature);
    return accept(reading, field.place, what, problems);
  }
  const block = text ?? field.yaml();
  if (!("root" in block)) {
    problems.add(block);
    return undefined;
  }
  return readNode(block.root, block, field.place, what, signature, problems);
}

function readNode(
  node: Node | null,
  block: Block,
  place: Place,
  what: Side,
  signature: Signature,
  problems: Problems,
): Value | undefined {
  const shape = what === "input" ? signature.input : signature.output;
  const value = node && nodeValue(node, block, shape);
  const reading = what === "input" ? readInput(value, signature) : readOutput(value, signature);
  return accept(reading, partPlace(node, place, reading, block), what, problems);
}

function readFrom(
  field: Field,
  alone: boolean,
  item: Item,
  signature: Signature | undefined,
  problems: Problems,
): ItemContent | undefined {
  const refuse = (place: Place, message: string, hint: string): undefined => {
    problems.error("from", place, message, hint);
  };
  if (!alone) {
    const message = "`from:` stands alone: the file has the inputs and outputs.";
    return refuse(field.keyPlace, message, "Use two list items.");
  }
  const { source, start, end } = field.place;
  const text = /[[{]/.test(source.text[start] as string) ? undefined : field.text();
  const block = text && "text" in text ? undefined : (text ?? field.yaml());
  if (block && !("root" in block)) {
    problems.add(block);
    return undefined;
  }
  if (block && isMap(block.root)) {
    const mapping = readMapping(block.root, block, signature, problems);
    if (!mapping) return undefined;
    return { from: mapping.file, place: mapping.place, section: item.section, columns: mapping.columns };
  }
  const path = block ? (isScalar(block.root) ? textOf(block.root) : "") : source.text.slice(start, end);
  if (path === "") {
    const found = describe(block?.root ?? null);
    return refuse(field.place, `\`from:\` needs the path of a file, found ${found}.`, "Such as ./examples.csv");
  }
  if (lastArrow(path) >= 0) return refuse(field.place, "`from:` needs the path of a file, found a pair.", QUOTES);
  return { from: path, place: field.place, section: item.section };
}

/** The place of the part of a value that does not fit. */
function partPlace(root: Node | null, whole: Place, reading: Reading, block: Block): Place {
  if ("value" in reading) return whole;
  const path = reading.path ?? [];
  let node = root;
  for (const [depth, key] of path.entries()) {
    const isKey = reading.key && depth === path.length - 1;
    const pair =
      isKey && isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const next: unknown = pair ? pair.key : isCollection(node) ? node.get(key, true) : undefined;
    if (!isNode(next)) break;
    node = next;
  }
  const place = node && block.place(node);
  return place && place.end > place.start ? place : whole;
}

/** The value, or its problem in the list. */
function accept(reading: Reading, place: Place, what: Side, problems: Problems): Value | undefined {
  if ("value" in reading) return reading;
  problems.error(what, place, reading.message, reading.hint);
  return undefined;
}

function pairOf(item: Item, input: Value | undefined, output: Value | undefined): ItemContent | undefined {
  if (!input || !output) return undefined;
  return {
    pair: { section: item.section, input: input.value as Pair["input"], output: output.value, place: item.place },
  };
}

/** A side in double quotes is a JSON string; in any other text `\=>` stands for `=>`. */
function unquote(text: string): string {
  const plain = text.replaceAll("\\=>", "=>");
  if (!/^".*"$/s.test(plain)) return plain;
  try {
    return JSON.parse(plain) as string;
  } catch {
    return plain; // a text that merely begins and ends with quotes
  }
}

function indentAt(text: string, offset: number): number {
  return /^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0;
}
