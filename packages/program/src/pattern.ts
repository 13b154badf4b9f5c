import { type NfaNode, nfaOf } from "./pattern-nfa.ts";
import { parsePattern } from "./pattern-parser.ts";

export { PatternError } from "./pattern-parser.ts";

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
    this.#nodes = nfaOf(parsePattern(source));
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
