import { isMap, isScalar, isSeq, type Node, parseDocument, type Scalar, visit, type YAMLMap } from "yaml";
import { type Problem, type Problems, quote } from "./diagnostics.ts";
import type { Place, Source } from "./source.ts";

/** The library recurses, and reports or throws a stack overflow. */
const TOO_DEEP = "This YAML is nested too deeply.";

/** A YAML text within a source, with the places of its nodes. */
export interface Block {
  root: Node | null;
  place(node: Node): Place;
  /** The plain JavaScript value of a node. */
  value(node: Node): unknown;
}

export interface Entry {
  key: string;
  keyPlace: Place;
  value: Node | null;
  /** Place of the value, or of the key where the value is empty. */
  place: Place;
}

/**
 * Parses the YAML in a range of a source; gives the problem where it is wrong.
 *
 * @param text what to parse instead of the range's text; of the same length, so that offsets stay right.
 */
export function parseBlock(
  source: Source,
  start: number,
  end: number,
  text: string = source.text.slice(start, end),
): Block | Problem {
  const place = (from: number, to: number): Place => source.place(start + from, start + to);
  const placeOf = (node: Node): Place => place(node.range?.[0] ?? 0, node.range?.[1] ?? 0);
  try {
    // Our own check for double keys (`entries`) replaces the library's, which takes quadratic time.
    const doc = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: "silent", version: "1.2" });
    const first = doc.errors[0] ?? doc.warnings[0]; // the ones that follow are mostly its echo
    if (first) {
      const message = /call stack/.test(first.message)
        ? TOO_DEEP
        : `Wrong YAML: ${first.message.slice(0, 300).replace(/\.$/, "")}.`;
      return { code: "yaml", place: place(...first.pos), message };
    }
    let alias: Place | undefined;
    visit(doc, {
      Alias(_, node) {
        alias = placeOf(node);
        return visit.BREAK;
      },
    });
    if (alias) {
      // Nobody needs them here, and a few lines of them can stand for gigabytes.
      const hint = "Write the value out, or quote a text that begins with `*`.";
      return { code: "yaml-alias", place: alias, message: "YAML aliases are not part of the .paw language.", hint };
    }
    return { root: doc.contents, place: placeOf, value: (node) => node.toJS(doc, { maxAliasCount: 0 }) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { code: "yaml", place: source.place(start, end), message: TOO_DEEP };
  }
}

/** The entries of a map with text keys; other keys, and a key given twice, are problems. */
export function entries(map: YAMLMap, block: Block, problems: Problems): Entry[] {
  const seen = new Set<string>();
  const list: Entry[] = [];
  for (const { key: keyNode, value: valueNode } of map.items) {
    if (!isScalar(keyNode) || textOf(keyNode) === "") {
      problems.error("key", block.place((keyNode as Node | null) ?? map), "A key must be a word.");
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
 * The text of a scalar as it was written: `1.0`, `yes` and `null` stay what they look like, for a label is a text. A block
 * scalar (`|`, `>`) loses its last line break, which is there for YAML's sake.
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
