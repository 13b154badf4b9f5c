import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import { append, applyEdits, type Edit, insertion, type List, like, normalised, type Range } from "./edits.ts";

/** JSON, with comments and trailing commas or without, to be changed without losing how it is written. */
export class JsonText {
  /** As it is given. */
  readonly original: string;
  readonly #unit: string;
  #text: string;
  #root: Node;

  /** @throws {Error} the text is not an object in JSON */
  constructor(text: string) {
    this.original = text;
    this.#text = normalised(text);
    this.#root = parse(this.#text);
    this.#unit = this.#text.match(/^([ \t]+)\S/m)?.[1] ?? "  ";
  }

  /** The value at a path; undefined where there is none. */
  get(...path: string[]): unknown {
    const node = findNodeAtLocation(this.#root, path);
    return node && getNodeValue(node);
  }

  /**
   * Adds members to the object of a name, which is made where it is missing.
   *
   * @param sorted in the order of the alphabet, as package managers have their lists
   */
  add(name: string, members: Record<string, unknown>, sorted?: "sorted"): void {
    const items = Object.entries(members).map(([key, value]): [string, string] => {
      return [key, `${JSON.stringify(key)}: ${inline(value)}`];
    });
    if (items.length === 0) return;
    const object = () => findNodeAtLocation(this.#root, [name]);
    if (!object()) {
      const unit = this.#unit;
      const lines = items.map(([, item]) => `\n${unit}${unit}${item}`);
      this.#append(this.#root, [`${JSON.stringify(name)}: {${lines}\n${unit}}`]);
      return;
    }
    for (const [key, item] of items) {
      const there = object() as Node;
      const next = sorted && there.children?.find((member) => (member.children?.[0]?.value as string) > key);
      if (next) this.#apply([insertion(next.offset, `${item},${this.#gap(next)}`)]);
      else this.#append(there, [item]);
    }
  }

  /** Adds values to the end of the array at a path. */
  push(path: string[], values: readonly unknown[]): void {
    this.#append(findNodeAtLocation(this.#root, path) as Node, values.map(inline));
  }

  /** Puts a value in the place of another. */
  replace(path: string[], value: unknown): void {
    this.#apply([{ ...range(findNodeAtLocation(this.#root, path) as Node), text: inline(value) }]);
  }

  /** The text with all changes. */
  toString(): string {
    return like(this.original, this.#text);
  }

  #append(node: Node, items: readonly string[]): void {
    const list: List = { ...range(node), items: (node.children ?? []).map(range) };
    this.#apply(append(this.#text, list, items, node.type === "object" ? this.#unit : undefined));
  }

  #apply(edits: readonly Edit[]): void {
    this.#text = applyEdits(this.#text, edits);
    this.#root = parse(this.#text);
  }

  /** What stands between a member and the one before it: a line break, or a space. */
  #gap({ offset }: Node): string {
    return this.#text.slice(0, offset).match(/\n[ \t]*$/)?.[0] ?? " ";
  }
}

function parse(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || root?.type !== "object") throw new Error("it is not an object in JSON");
  return root;
}

/** A value on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
    .join(", ")} }`;
}

function range({ offset, length }: Node): Range {
  return { start: offset, end: offset + length };
}
