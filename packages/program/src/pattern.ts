import { characterSet, type Range, utf8Ranges } from "./characters.ts";

/**
 * Regular expressions as finite automata over the bytes of UTF-8: what a text may go on with is known at every place,
 * matching takes time in proportion to the text, and nothing in a file can make it take longer.
 *
 * Of JavaScript's syntax: characters, `.`, classes, `\d` and `\w`, groups, `|`, and the quantifiers. The whole text has to
 * match. Texts have no quotes, backslashes and control characters, so that a JSON string has them as they are.
 */
export class Pattern {
  readonly #nodes: readonly NfaNode[];
  /** States are sets of nodes; each is made once. */
  readonly #states: State[] = [];
  readonly #names = new Map<string, number>();
  readonly start: number;

  /** @throws {PatternError} it is none of these expressions, or one of over 2,000 parts */
  constructor(source: string) {
    const builder = new Builder();
    builder.add(new Parser(source).whole(), 0, 1);
    this.#nodes = builder.nodes;
    this.start = this.#state([0]) as number;
  }

  /** The state after a byte of UTF-8; undefined where it cannot stand there. */
  step(state: number, byte: number): number | undefined {
    const { nodes, after } = this.#states[state] as State;
    if (after.has(byte)) return after.get(byte);
    const next = nodes.flatMap((node) =>
      (this.#nodes[node] as NfaNode).ways.flatMap(({ from, to, node }) => (from <= byte && byte <= to ? node : [])),
    );
    const found = this.#state(next);
    after.set(byte, found);
    return found;
  }

  /** Whether a text may end in a state. */
  isEnd(state: number): boolean {
    return (this.#states[state] as State).nodes.includes(1);
  }

  /** Whether a text matches. */
  matches(text: string): boolean {
    let state: number | undefined = this.start;
    for (const byte of new TextEncoder().encode(text)) {
      state = this.step(state, byte);
      if (state === undefined) return false;
    }
    return this.isEnd(state);
  }

  /** The fewest bytes from a state to an end: breadth first. */
  shortest(state: number): number[] {
    const seen = new Set([state]);
    let level: { state: number; way: number[] }[] = [{ state, way: [] }];
    while (level.length > 0) {
      const below: typeof level = [];
      for (const { state, way } of level) {
        if (this.isEnd(state)) return way;
        for (const node of (this.#states[state] as State).nodes)
          for (const { from } of (this.#nodes[node] as NfaNode).ways) {
            const next = this.step(state, from) as number;
            if (seen.has(next)) continue;
            seen.add(next);
            below.push({ state: next, way: [...way, from] });
          }
      }
      level = below;
    }
    return [];
  }

  /** The state of some nodes, and of all that they lead to without a byte. */
  #state(nodes: readonly number[]): number | undefined {
    if (nodes.length === 0) return undefined;
    const all = new Set(nodes);
    for (const node of all) for (const next of (this.#nodes[node] as NfaNode).free) all.add(next);
    const sorted = [...all].sort((a, b) => a - b);
    const name = sorted.join(" ");
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const made = this.#states.push({ nodes: sorted, after: new Map() }) - 1;
    this.#names.set(name, made);
    return made;
  }
}

/** An expression that is none, or none of those that are understood. */
export class PatternError extends Error {
  /** Offset in the expression. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The expression that matches whole texts, as JSON Schema has it. */
export const anchored = (source: string): string => `^(?:${source})$`;
export const isAnchored = (source: string): boolean => /^\^\(\?:.*\)\$$/s.test(source);

const known = new Map<string, Pattern>();

/** The pattern of an expression, made once. */
export function patternOf(source: string): Pattern {
  const found = known.get(source) ?? new Pattern(source);
  known.set(source, found);
  return found;
}

/** The places where one may be, and the states after each byte that was asked for. */
interface State {
  nodes: readonly number[];
  after: Map<number, number | undefined>;
}

/** A place in an expression (Thompson's construction): 0 is its start, 1 its end. */
interface NfaNode {
  ways: { from: number; to: number; node: number }[];
  /** Where it leads without a byte. */
  free: number[];
}

type Part =
  | { kind: "set"; ranges: readonly Range[] }
  | { kind: "sequence" | "choice"; parts: readonly Part[] }
  | { kind: "repeat"; part: Part; least: number; most: number };

const mostNodes = 2000;

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

const quantifiers: { [mark: string]: [number, number] } = {
  "?": [0, 1],
  "*": [0, Number.POSITIVE_INFINITY],
  "+": [1, Number.POSITIVE_INFINITY],
};

/** Recursive descent over `choice = sequence ("|" sequence)*` and `sequence = (part quantifier?)*`. */
class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Part {
    this.#take("^");
    const inner = this.#choice();
    this.#take("$");
    if (this.#at < this.#source.length) throw this.#error(`${this.#next} is not expected here`);
    return inner;
  }

  get #next(): string {
    return String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
  }

  #take(text: string): boolean {
    const found = this.#source.startsWith(text, this.#at);
    if (found) this.#at += text.length;
    return found;
  }

  #error(message: string): PatternError {
    return new PatternError(message, this.#at);
  }

  #choice(): Part {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Part) : { kind: "choice", parts };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !"|)$".includes(this.#next)) parts.push(this.#quantified());
    return { kind: "sequence", parts };
  }

  #quantified(): Part {
    const part = this.#part();
    const mark = quantifiers[this.#next];
    const counts = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(this.#source.slice(this.#at));
    if (!mark && !counts) return part;
    this.#at += counts?.[0].length ?? 1;
    if (mark) return { kind: "repeat", part, least: mark[0], most: mark[1] };
    const [, least = "", comma, most] = counts as RegExpExecArray;
    const upTo = most === undefined ? (comma ? Number.POSITIVE_INFINITY : Number(least)) : Number(most);
    if (upTo < Number(least)) throw this.#error(`{${least},${most}} has its smaller number last`);
    return { kind: "repeat", part, least: Number(least), most: upTo };
  }

  #part(): Part {
    if (this.#take("(")) {
      if (this.#next === "?" && !this.#take("?:")) throw this.#error("of groups there are ( ) and (?: ) only");
      if (++this.#depth > 50) throw this.#error("its groups are nested over 50 deep");
      const inner = this.#choice();
      this.#depth--;
      if (!this.#take(")")) throw this.#error("a ) is missing");
      return inner;
    }
    if (this.#take("[")) return this.#class();
    if (this.#take(".")) return this.#set([], true);
    if ("*+?{}]^/".includes(this.#next)) throw this.#error(`${this.#next} stands for itself only behind a \\`);
    return this.#set(this.#character(), false);
  }

  #class(): Part {
    const isNegated = this.#take("^");
    const ranges: Range[] = [];
    while (!this.#take("]")) {
      if (this.#at >= this.#source.length) throw this.#error("a ] is missing");
      const low = this.#character();
      const isRange = this.#next === "-" && this.#source[this.#at + 1] !== "]";
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      this.#at++;
      const high = this.#character();
      const [[from, end] = [0, 0], [to, last] = [0, 0]] = [low[0], high[0]];
      if (low.length > 1 || high.length > 1 || from !== end || to !== last || from > to) {
        throw this.#error("a range goes from a character to a later one");
      }
      ranges.push([from, to]);
    }
    return this.#set(ranges, isNegated);
  }

  #set(ranges: readonly Range[], isNegated: boolean): Part {
    const set = characterSet(ranges, isNegated);
    if (set.length > 0) return { kind: "set", ranges: set };
    throw this.#error("quotes, backslashes and control characters cannot be written");
  }

  /** A character, or the ones of an escape. */
  #character(): readonly Range[] {
    const character = this.#next;
    if (this.#at >= this.#source.length) throw this.#error("it ends too early");
    this.#at += character.length;
    if (character !== "\\") return only(character);
    if (this.#at >= this.#source.length) throw this.#error("it ends too early");
    const escaped = this.#next;
    this.#at += escaped.length;
    if (escaped === "d") return digits;
    if (escaped === "w") return wordCharacters;
    if (!/[\p{L}\p{N}]/u.test(escaped)) return only(escaped);
    this.#at -= escaped.length + 1;
    const hint =
      escaped === "s" ? "write a space instead" : "of escapes there are \\d, \\w and those of marks, as in \\.";
    throw this.#error(`\\${escaped}: ${hint}`);
  }
}

const code = (character: string) => character.codePointAt(0) as number;
const only = (character: string): Range[] => [[code(character), code(character)]];
const digits: Range[] = [[code("0"), code("9")]];
const wordCharacters: Range[] = [...digits, [code("A"), code("Z")], [code("_"), code("_")], [code("a"), code("z")]];
