import { utf8Ranges } from "./characters.ts";
import { type Part, PatternError } from "./pattern-parser.ts";

/** A place in an expression (Thompson's construction): 0 is its start, 1 its end. */
export interface NfaNode {
  ways: { from: number; to: number; node: number }[];
  /** Where it leads without a byte. */
  free: number[];
}

const mostNodes = 2000;

/**
 * An expression's places.
 *
 * @throws {PatternError} they are over 2,000
 */
export function nfaOf(whole: Part): readonly NfaNode[] {
  const builder = new Builder();
  builder.add(whole, 0, 1);
  return builder.nodes;
}

class Builder {
  readonly nodes: NfaNode[] = [
    { ways: [], free: [] },
    { ways: [], free: [] },
  ];

  /** Puts a part between two nodes. */
  add(part: Part, from: number, to: number): void {
    switch (part.kind) {
      case "set":
        for (const range of part.ranges) {
          for (const bytes of utf8Ranges(range)) {
            let node = from;
            for (const [i, [low, high]] of bytes.entries()) {
              const next = i === bytes.length - 1 ? to : this.#node();
              this.nodes[node]?.ways.push({ from: low, to: high, node: next });
              node = next;
            }
          }
        }
        break;
      case "choice":
        for (const member of part.parts) this.add(member, from, to);
        break;
      case "sequence":
        this.#chain(part.parts, from, to);
        break;
      case "repeat": {
        const { part: inner, least, most } = part;
        const needed = new Array<Part>(least).fill(inner);
        let at = from;
        for (const one of needed) at = this.#after(one, at);
        if (most === Number.POSITIVE_INFINITY) {
          // (A node of its own: what stands before or behind it must not be gone through again.)
          const loop = this.#node();
          this.nodes[at]?.free.push(loop);
          const end = this.#after(inner, loop);
          this.nodes[end]?.free.push(loop);
          at = loop;
        } else {
          for (let i = least; i < most; i++) {
            this.nodes[at]?.free.push(to);
            at = this.#after(inner, at);
          }
        }
        this.nodes[at]?.free.push(to);
      }
    }
  }

  #chain(parts: readonly Part[], from: number, to: number): void {
    let at = from;
    for (const part of parts) at = this.#after(part, at);
    this.nodes[at]?.free.push(to);
  }

  /** The node behind a part. */
  #after(part: Part, from: number): number {
    const end = this.#node();
    this.add(part, from, end);
    return end;
  }

  #node(): number {
    if (this.nodes.length >= mostNodes) throw new PatternError(`it has over ${mostNodes} parts`, 0);
    return this.nodes.push({ ways: [], free: [] }) - 1;
  }
}
