import {
  type ErrorCode,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { type Problem, type Problems, quote } from "./diagnostics.ts";
import type { Place, Source } from "./source.ts";

/** A YAML text within a source, with the places of its nodes. */
export interface Block {
  root: Node | null;
  place(node: Node): Place;
  /** The plain JavaScript value of a node. */
  value(node: Node): unknown;
  /** The comment behind a node on its last line: where the node is a plain text, it may be meant as text. */
  commentBehind(node: Node): Place | undefined;
}

export interface Entry {
  key: string;
  keyPlace: Place;
  value: Node | null;
  /** Place of the value, or of the key where the value is empty. */
  place: Place;
}

export interface BlockOptions {
  /** What to parse instead of the range's text; of the same length, so that offsets stay right. */
  text?: string;
  /** Comments are refused: text behind ` #` is text to whoever writes an example. */
  withoutComments?: boolean;
}

/** Deeper YAML is written by nobody, and what reads it recurses. */
const MAX_DEPTH = 64;
/** Some thousand labels; with a million the library takes half a minute. */
const MAX_TOKENS = 20_000;

/** What helps against everything that YAML takes for its own. */
export const QUOTE_IT = 'Put the text in quotes ("..."), or write | and the text on the lines below, indented.';

const HINTS: { [code in ErrorCode]?: string } = {
  BLOCK_AS_IMPLICIT_KEY: `A text with a colon and a blank in it needs quotes. ${QUOTE_IT}`,
  MULTILINE_IMPLICIT_KEY: `Each line needs its own key, or must be indented below a |. ${QUOTE_IT}`,
  MISSING_CHAR: `Close what is open here. If it is meant as text: ${lowerFirst(QUOTE_IT)}`,
  TAB_AS_INDENT: "Indent with spaces.",
  BAD_INDENT: "Indent all keys of a map alike, and what belongs to a key by more.",
  IMPOSSIBLE: QUOTE_IT,
};

/**
 * Parses the YAML in a range of a source; gives the problem where it is wrong, or would lose something that is written.
 */
export function parseBlock(source: Source, start: number, end: number, options: BlockOptions = {}): Block | Problem {
  const text = options.text ?? source.text.slice(start, end);
  const place = (from: number, to: number): Place => source.place(start + from, start + to);
  const placeOf = (node: Node): Place => place(node.range?.[0] ?? 0, node.range?.[1] ?? 0);
  const limit = beyondLimit(text);
  if (limit) return { code: "yaml", place: place(limit.at, limit.at + 1), message: limit.message, hint: limit.hint };
  // Our own check for double keys replaces the library's, which takes quadratic time.
  const doc = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: "silent", version: "1.2" });
  const lost = lostText(doc.contents, place, options.withoutComments ? text : "");
  if (lost?.code === "yaml-alias" || lost?.code === "yaml-comment") return lost;
  const first = doc.errors[0] ?? doc.warnings[0]; // the ones that follow are mostly its echo
  if (first) {
    const message = `Wrong YAML: ${first.message.slice(0, 300).replace(/\.$/, "")}.`;
    return { code: "yaml", place: place(...first.pos), message, hint: HINTS[first.code] ?? QUOTE_IT };
  }
  const commentBehind = (node: Node) => {
    const end = node.range?.[1] ?? 0;
    const [, blank, comment] = /^([ \t]+)(#[^\n]*)/.exec(text.slice(end, lineEnd(text, end))) ?? [];
    if (blank === undefined || comment === undefined) return undefined;
    return place(end + blank.length, end + blank.length + comment.length);
  };
  if (lost) return lost;
  return { root: doc.contents, place: placeOf, value: (node) => node.toJS(doc, { maxAliasCount: 0 }), commentBehind };
}

/** What YAML reads as something else than text, so that it would be gone from the values. */
function lostText(
  root: Node | null,
  place: (from: number, to: number) => Place,
  commented: string,
): Problem | undefined {
  const comment = commented.includes("#") ? commentIn(commented) : undefined;
  if (comment) {
    const message = "Text behind a blank and # would be lost here: YAML takes it for a comment.";
    return { code: "yaml-comment", place: place(...comment), message, hint: QUOTE_IT };
  }
  let lost: Problem | undefined;
  const lose = (code: string, node: Node, message: string, hint: string): void => {
    const [from, to] = node.range ?? [0, 0];
    if (lost === undefined || code === "yaml-alias") lost = { code, place: place(from, to), message, hint };
  };
  visit(root, (_, node) => {
    if (isAlias(node)) {
      // Nobody needs them here, and a few lines of them can stand for gigabytes.
      const hint = `Write the value out. If it is a text: ${lowerFirst(QUOTE_IT)}`;
      lose("yaml-alias", node, "YAML aliases are not part of the .paw language.", hint);
      return visit.BREAK;
    }
    if (isPair(node) || !node) return;
    const { anchor, tag } = node as Scalar;
    const written = anchor === undefined ? tag?.replace("tag:yaml.org,2002:", "!!") : `&${anchor}`;
    if (written !== undefined) {
      const what = anchor === undefined ? "tags" : "anchors";
      const message = `${quote(written)} would be lost: YAML ${what} are not part of the .paw language.`;
      lose("yaml-tag", node as Node, message, QUOTE_IT);
    }
    if (!isMap(node)) return;
    const keys = new Set<string>();
    for (const { key } of node.items) {
      if (!isScalar(key)) continue;
      const name = textOf(key);
      if (keys.has(name)) lose("duplicate-key", key, `The key ${quote(name)} is given twice.`, "Remove one of them.");
      keys.add(name);
    }
  });
  return lost;
}

interface Token {
  text: string;
  at: number;
  /** The text of a scalar, which may begin with anything. */
  scalar: boolean;
}

/** What YAML is made of. (The library's lexer does not recurse.) */
function* tokens(text: string): Generator<Token> {
  let at = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    const isMark = token === "\x02" || token === "\x18" || token === "\x1f"; // these stand for no text
    if (!isMark) yield { text: token, at, scalar };
    if (!isMark) at += token.length;
    scalar = token === "\x1f";
  }
}

/** The range of the first comment. */
function commentIn(yaml: string): [number, number] | undefined {
  for (const { text, at, scalar } of tokens(yaml)) if (!scalar && text.startsWith("#")) return [at, at + text.length];
  return undefined;
}

/** Where there is more than the library reads in good time, and without a recursion that ends the process. */
function beyondLimit(yaml: string): { at: number; message: string; hint: string } | undefined {
  if (yaml.length < MAX_DEPTH) return undefined;
  let count = 0;
  const blocks: number[] = []; // the columns of those that are open
  let flow = 0;
  let lineStart = 0;
  let lineEmpty = true;
  for (const { text, at, scalar } of tokens(yaml)) {
    const isBlank = text.trim() === "";
    if (!scalar && (text === "[" || text === "{")) flow++;
    else if (!scalar && (text === "]" || text === "}")) flow--;
    else if (flow === 0 && !isBlank && (lineEmpty || (!scalar && (text === "-" || text === "?")))) {
      while ((blocks.at(-1) ?? -1) >= at - lineStart) blocks.pop();
      blocks.push(at - lineStart);
    }
    if (flow + blocks.length > MAX_DEPTH) {
      const message = `This YAML is nested more than ${MAX_DEPTH} levels deep.`;
      return { at, message, hint: "Write a flatter value." };
    }
    if (++count > MAX_TOKENS) {
      const message = `This YAML has more than ${MAX_TOKENS.toLocaleString("en")} words and marks.`;
      return {
        at,
        message,
        hint: "A spec has at most 1,000 labels and 100 fields; long texts stand below a |, data in data files.",
      };
    }
    const lastBreak = text.lastIndexOf("\n");
    if (lastBreak >= 0) lineStart = at + lastBreak + 1;
    lineEmpty = lastBreak >= 0 || (lineEmpty && isBlank);
  }
  return undefined;
}

/** The entries of a map with text keys; other keys, and a key given twice, are problems. */
export function entries(map: YAMLMap, block: Block, problems: Problems): Entry[] {
  const seen = new Set<string>();
  const list: Entry[] = [];
  for (const { key: keyNode, value: valueNode } of map.items) {
    if (!isScalar(keyNode) || textOf(keyNode) === "") {
      problems.error("key", block.place((keyNode as Node | null) ?? map), "A key must be a word.", QUOTE_IT);
      continue;
    }
    const key = textOf(keyNode);
    const keyPlace = block.place(keyNode);
    if (seen.has(key)) {
      problems.error("duplicate-key", keyPlace, `The key ${quote(key)} is given twice.`, "Remove one of them.");
      continue;
    }
    seen.add(key);
    const value = valueNode as Node | null;
    const place = value === null ? keyPlace : block.place(value);
    list.push({ key, keyPlace, value, place: place.end > place.start ? place : keyPlace });
  }
  return list;
}

/**
 * The text of a scalar as it was written: `1.0`, `yes` and `null` stay what they look like, for a label is a text. A
 * block scalar (`|`, `>`) loses its last line break, which is there for YAML's sake.
 */
export function textOf(scalar: Scalar): string {
  if (scalar.type === "BLOCK_LITERAL" || scalar.type === "BLOCK_FOLDED") return String(scalar.value).replace(/\n$/, "");
  return scalar.type === "PLAIN" && scalar.source !== undefined ? scalar.source : String(scalar.value ?? "");
}

/** True for a value that is not there: `key:` with nothing behind it. */
export function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.type === "PLAIN" && (node.source ?? "") === "");
}

/** What a node is, in words. */
export function describe(node: Node | null): string {
  if (isEmpty(node)) return "nothing";
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (!isScalar(node)) return "something else";
  if (node.value === null) return "null";
  return typeof node.value === "string" ? `the text ${quote(node.value)}` : `the ${typeof node.value} ${textOf(node)}`;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
