import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import { append, applyEdits, type Edit, insertion, type List, like, normalised, type Range } from "./edits.ts";

/** JSON, with comments and trailing commas or without, to be changed without losing how it is written. */
export class JsonText {
  /** As it is given. */
  readonly original: string;
  readonly #text: string;
  readonly #root: Node;
  readonly #unit: string;
  readonly #edits: Edit[] = [];

  /** @throws {Error} the text is not an object in JSON */
  constructor(text: string) {
    this.original = text;
    this.#text = normalised(text);
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    if (errors.length > 0 || root?.type !== "object") throw new Error("it is not an object in JSON");
    this.#root = root;
    this.#unit = this.#text.match(/^([ \t]+)\S/m)?.[1] ?? "  ";
  }

  /** The value at a path; undefined where there is none. */
  get(...path: string[]): unknown {
    const node = findNodeAtLocation(this.#root, path);
    return node && getNodeValue(node);
  }

  /**
   * Adds members to the object at a path, which is made where it is missing.
   *
   * @param sorted in the order of the alphabet, as package managers have their lists
   */
  add(path: string, members: Record<string, unknown>, sorted?: "sorted"): void {
    const names = Object.keys(members);
    if (names.length === 0) return;
    const object = findNodeAtLocation(this.#root, [path]);
    if (!object) {
      const value = JSON.stringify(members, null, this.#unit).replaceAll("\n", `\n${this.#unit}`);
      this.#append(this.#root, [`${JSON.stringify(path)}: ${value}`]);
      return;
    }
    const last: string[] = [];
    for (const name of names) {
      const item = `${JSON.stringify(name)}: ${inline(members[name])}`;
      const next = sorted && object.children?.find((member) => (member.children?.[0]?.value as string) > name);
      if (next) this.#edits.push(insertion(next.offset, `${item},${this.#gap(next)}`));
      else last.push(item);
    }
    this.#append(object, last);
  }

  /** Adds values to the end of the array at a path. */
  push(path: string[], values: readonly unknown[]): void {
    this.#append(findNodeAtLocation(this.#root, path) as Node, values.map(inline));
  }

  /** Puts a value in the place of another. */
  replace(path: string[], value: unknown): void {
    this.#edits.push({ ...range(findNodeAtLocation(this.#root, path) as Node), text: inline(value) });
  }

  /** The text with all changes. */
  toString(): string {
    return like(this.original, applyEdits(this.#text, this.#edits));
  }

  #append(node: Node, items: readonly string[]): void {
    const list: List = { ...range(node), items: (node.children ?? []).map(range) };
    this.#edits.push(...append(this.#text, list, items, node.type === "object" ? this.#unit : undefined));
  }

  /** What stands between a member and the one before it: a line break, or a space. */
  #gap({ offset }: Node): string {
    return this.#text.slice(0, offset).match(/\n[ \t]*$/)?.[0] ?? " ";
  }
}

/** A value on one line. */
function inline(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(inline).join(", ")}]` : JSON.stringify(value);
}

function range({ offset, length }: Node): Range {
  return { start: offset, end: offset + length };
}
