import { characterSet, type Range } from "./characters.ts";

/** A part of an expression. */
export type Part =
  | { kind: "set"; ranges: readonly Range[] }
  | { kind: "sequence" | "choice"; parts: readonly Part[] }
  | { kind: "repeat"; part: Part; least: number; most: number };

/** An expression that is none, or none of those that are understood. */
export class PatternError extends Error {
  /** Offset in the expression. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads an expression.
 *
 * @throws {PatternError}
 */
export function parsePattern(source: string): Part {
  return new Parser(source).whole();
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
