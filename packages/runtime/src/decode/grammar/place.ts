import type { Tokenizer } from "@unplugin-paw/interpreter";
import { anyText, type Choices } from "../choices.ts";
import { DATE_START, dateSteps } from "./calendar.ts";
import { type Node, type Numeral, optionsOf, type Patterned } from "./node.ts";
import { isNumeral, NUMERAL_START, numeralSteps, restOfNumeral } from "./numeral.ts";
import { BETWEEN, stringBody } from "./string-body.ts";
import { type TokenTable, tokenTable } from "./token-table.ts";

/** One way to read what is written so far. */
type Thread =
  | { kind: "tokens"; tokens: readonly number[]; at: number; to: Node | undefined }
  | { kind: "body"; state: number; to: Node }
  | { kind: "pattern"; state: number; form: Patterned; to: Node }
  | { kind: "number"; state: string; form: Numeral; to: Node }
  | { kind: "date"; state: string; to: Node };

/** What has few tokens at a time. */
type Stepped = Exclude<Thread, { kind: "body" | "pattern" }>;

/**
 * The texts of a graph as tokens: a nondeterministic automaton, whose sets of threads are the places. Text without a
 * choice is the tokens that it has by itself; inside of a string every token may follow that keeps it one. There are
 * finitely many places, each is made once.
 */
export class Automaton {
  readonly #tokenizer: Tokenizer;
  readonly #stop: number;
  readonly #entries = new Map<Node, readonly Thread[]>();
  readonly #places = new Map<string, Place>();
  readonly #numbers = new Map<object, number>();
  readonly #characters = new Map<string, number>();

  /** @param stop the token that ends an answer */
  constructor(tokenizer: Tokenizer, stop: number) {
    this.#tokenizer = tokenizer;
    this.#stop = stop;
    for (const character of "0123456789+-.e") {
      const [token, ...others] = tokenizer.encode(character);
      if (token !== undefined && others.length === 0) this.#characters.set(character, token);
    }
  }

  /** The place before a node. */
  placeAt(node: Node): Choices {
    return this.place(this.#enter(node));
  }

  /** The threads that start at a node. */
  #enter(node: Node): readonly Thread[] {
    const known = this.#entries.get(node);
    if (known) return known;
    const threads = this.#start(node);
    this.#entries.set(node, threads);
    return threads;
  }

  #start(node: Node): readonly Thread[] {
    switch (node.kind) {
      case "end":
        return [{ kind: "tokens", tokens: [this.#stop], at: 0, to: undefined }];
      case "body":
        // A string may be empty.
        return [{ kind: "body", state: BETWEEN, to: node.to }, ...this.#enter(node.to)];
      case "pattern": {
        const { start } = node.pattern;
        const rest = node.pattern.isEnd(start) ? this.#enter(node.to) : [];
        return [{ kind: "pattern", state: start, form: node, to: node.to }, ...rest];
      }
      case "number":
        return [{ kind: "number", state: NUMERAL_START, form: node, to: node.to }];
      case "date":
        return [{ kind: "date", state: DATE_START, to: node.to }];
      case "words":
        return node.texts.flatMap((text) => this.#text(text, node.to));
      default:
        return optionsOf(node).flatMap(({ text, to }) => this.#text(text, to));
    }
  }

  #text(text: string, to: Node): readonly Thread[] {
    return text === "" ? this.#enter(to) : [{ kind: "tokens", tokens: this.#tokenizer.encode(text), at: 0, to }];
  }

  /** The tokens that a thread may go on with. */
  tokens(thread: Thread): Iterable<number> {
    return this.#table(thread)?.tokens ?? this.#steps(thread as Stepped).keys();
  }

  /** The threads that a token of a thread leads to; none for another token. */
  after(thread: Thread, token: number): readonly Thread[] {
    const table = this.#table(thread);
    if (!table) return this.#steps(thread as Stepped).get(token) ?? [];
    const state = table.after.get(token);
    if (state === undefined) return [];
    const next = { ...thread, state } as Exclude<Thread, Stepped>;
    const isEnd = next.kind === "body" ? state === BETWEEN : next.form.pattern.isEnd(state);
    return [next, ...(isEnd ? this.#enter(next.to) : [])];
  }

  /** Of what goes from byte to byte, so that tokens of any length may follow. */
  #table(thread: Thread): TokenTable | undefined {
    if (thread.kind === "body") return tokenTable(this.#tokenizer, stringBody, thread.state);
    return thread.kind === "pattern" ? tokenTable(this.#tokenizer, thread.form.pattern, thread.state) : undefined;
  }

  /** Of what has few tokens, each with the threads that it leads to. (A string has a table for all of its kind.) */
  #steps(thread: Stepped): ReadonlyMap<number, readonly Thread[]> {
    const to = (node: Node | undefined) => (node ? this.#enter(node) : []);
    const steps = new Map<number, readonly Thread[]>();
    const write = (character: string, threads: readonly Thread[]) => {
      const token = this.#characters.get(character);
      if (token !== undefined) steps.set(token, threads);
    };
    switch (thread.kind) {
      case "tokens": {
        const at = thread.at + 1;
        const isDone = at === thread.tokens.length;
        steps.set(thread.tokens[thread.at] as number, isDone ? to(thread.to) : [{ ...thread, at }]);
        break;
      }
      case "number":
        for (const [character, state] of numeralSteps(thread.state, thread.form)) {
          write(character, [{ ...thread, state }, ...(isNumeral(state, thread.form) ? to(thread.to) : [])]);
        }
        break;
      case "date":
        for (const [character, state] of dateSteps(thread.state)) {
          write(character, state === undefined ? to(thread.to) : [{ ...thread, state }]);
        }
    }
    return steps;
  }

  /** The place of some threads. */
  place(threads: readonly Thread[]): Choices {
    const different = new Map(threads.map((thread) => [this.#name(thread), thread]));
    const key = [...different.keys()].sort().join(" ");
    const known = this.#places.get(key);
    if (known) return known;
    const place = new Place([...different.values()], this);
    this.#places.set(key, place);
    return place;
  }

  #name(thread: Thread): string {
    const number = (what: object) => {
      const known = this.#numbers.get(what) ?? this.#numbers.size;
      this.#numbers.set(what, known);
      return known;
    };
    // (The own node: what follows it may follow numbers of another range, too.)
    const node = "form" in thread ? thread.form : thread.to;
    const to = node ? number(node) : "";
    return thread.kind === "tokens"
      ? `t${number(thread.tokens)}:${thread.at}`
      : `${thread.kind}${thread.state.toString().replace(" ", "_")}:${to}`;
  }

  /** A short rest of a number or of a pattern's text, in tokens: there are too many ways to go through all. */
  #rest(thread: Extract<Thread, { kind: "pattern" | "number" }>): number[] {
    if (thread.kind === "number") {
      const rest = restOfNumeral(thread.state, thread.form);
      return [...rest].map((character) => this.#characters.get(character) as number);
    }
    const { form, state } = thread;
    const bytes = form.pattern.shortest(state);
    const tokens: number[] = [];
    let [at, here] = [0, state];
    while (at < bytes.length) {
      const { after } = tokenTable(this.#tokenizer, form.pattern, here);
      let best: { token: number; length: number; state: number } | undefined;
      for (const [token, next] of after) {
        const own = this.#tokenizer.bytes(token);
        if (own.length <= (best?.length ?? 0) || own.some((byte, i) => byte !== bytes[at + i])) continue;
        best = { token, length: own.length, state: next };
      }
      if (!best) return tokens;
      tokens.push(best.token);
      at += best.length;
      here = best.state;
    }
    return tokens;
  }

  /** The fewest tokens from some threads to the end, without the one that ends an answer: breadth first. */
  shortest(threads: readonly Thread[]): number[] {
    const seen = new Set<string>();
    let level = threads.map((thread): { thread: Thread; way: number[] } => ({ thread, way: [] }));
    while (level.length > 0) {
      const below: typeof level = [];
      for (const { thread, way } of level) {
        const name = this.#name(thread);
        if (seen.has(name)) continue;
        seen.add(name);
        if (thread.kind === "tokens" && thread.tokens[thread.at] === this.#stop && !thread.to) return way;
        // Inside of a string there is nothing to write but what ends it.
        if (thread.kind === "body" && thread.state === BETWEEN) continue;
        if (thread.kind === "pattern" || thread.kind === "number") {
          const rest = this.#rest(thread);
          for (const one of this.#enter(thread.to)) below.push({ thread: one, way: [...way, ...rest] });
          continue;
        }
        for (const token of this.tokens(thread)) {
          for (const one of this.after(thread, token)) below.push({ thread: one, way: [...way, token] });
        }
      }
      level = below;
    }
    return [];
  }
}

/** A place of an answer that some threads have in common. */
class Place implements Choices {
  readonly #threads: readonly Thread[];
  readonly #automaton: Automaton;
  readonly #below = new Map<number, Choices>();
  #next: readonly number[] | undefined;
  #finish: readonly number[] | undefined;

  constructor(threads: readonly Thread[], automaton: Automaton) {
    this.#threads = threads;
    this.#automaton = automaton;
  }

  get next(): readonly number[] {
    this.#next ??= [...new Set(this.#threads.flatMap((thread) => [...this.#automaton.tokens(thread)]))];
    return this.#next;
  }

  get finish(): readonly number[] {
    this.#finish ??= this.#automaton.shortest(this.#threads);
    return this.#finish;
  }

  after(token: number): Choices {
    const known = this.#below.get(token);
    if (known) return known;
    const threads = this.#threads.flatMap((thread) => this.#automaton.after(thread, token));
    // The stop token leads nowhere; what no value is written with is a text like any other.
    const isKnown = threads.length > 0 || this.next.includes(token);
    const place = isKnown ? this.#automaton.place(threads) : anyText;
    if (isKnown) this.#below.set(token, place);
    return place;
  }
}
