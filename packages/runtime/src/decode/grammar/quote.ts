import type { Tokenizer } from "@unplugin-paw/interpreter";
import { NOTHING } from "@unplugin-paw/program";
import { anyText, type Choices } from "../choices.ts";

/**
 * The parts of a text, and `null`: an answer goes on as the text does, at any of the places that fit what is written so
 * far, so it cannot say what the text does not. A part begins and ends with what is no blank, and never within a
 * character.
 *
 * @param text well-formed Unicode ({@link wellFormed})
 * @param stop the token that ends an answer
 * @example
 * quoteChoices("Yours, Ann", tokenizer, stop).next; // the tokens of "null", and all that a part may begin with
 */
export function quoteChoices(text: string, tokenizer: Tokenizer, stop: number): Choices {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of text) {
    const isBlank = character.trim() === "";
    if (!isBlank) starts.push(at);
    at += utf8.encode(character).length;
    if (!isBlank) ends.push(at);
  }
  const bytes = binary(utf8.encode(text));
  const nextEnds: number[] = [];
  for (const end of ends) while (nextEnds.length < end) nextEnds.push(end);
  const quoted = { bytes, ends: new Set(ends), nextEnds, words: wordsOf(tokenizer), stop };
  return new QuotePlace(quoted, starts, tokenizer.encode(NOTHING));
}

/** A text with U+FFFD for what is no Unicode (half a surrogate pair), as a tokenizer reads it; of the same length. */
export function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8.encode(text));
}

const utf8 = new TextEncoder();

const ended: Choices = { next: [], after: () => ended };

/** A text that is quoted, and what quotes are written with. */
interface Quoted {
  /** The text's UTF-8, a character a byte. */
  bytes: string;
  /** Where a quote may end. */
  ends: ReadonlySet<number>;
  /** The first end behind each place. */
  nextEnds: readonly number[];
  words: Words;
  stop: number;
}

/** A place of a quote: everywhere in the text where it may go on. */
class QuotePlace implements Choices {
  readonly #quoted: Quoted;
  readonly #places: readonly number[];
  /** What is left of {@link NOTHING}, in tokens; undefined where something is quoted. */
  readonly #nothing: readonly number[] | undefined;
  #below: Map<number, number[]> | undefined;

  constructor(quoted: Quoted, places: readonly number[], nothing?: readonly number[]) {
    this.#quoted = quoted;
    this.#places = places;
    this.#nothing = nothing;
  }

  /** The tokens that follow, each with the places behind it. */
  get #tokens(): Map<number, number[]> {
    if (this.#below) return this.#below;
    const { bytes, words } = this.#quoted;
    const below = new Map<number, number[]>();
    for (const place of this.#places) {
      for (const { token, length } of words.at(bytes, place)) {
        const places = below.get(token);
        if (places) places.push(place + length);
        else below.set(token, [place + length]);
      }
    }
    this.#below = below;
    return below;
  }

  get #isWhole(): boolean {
    const { ends } = this.#quoted;
    return this.#nothing ? this.#nothing.length === 0 : this.#places.some((place) => ends.has(place));
  }

  get next(): readonly number[] {
    const tokens = new Set(this.#tokens.keys());
    if (this.#nothing?.length) tokens.add(this.#nothing[0] as number);
    // (A vocabulary may lack bytes that no usual text has: there is no way on then, and nothing is quoted.)
    if (this.#isWhole || tokens.size === 0) tokens.add(this.#quoted.stop);
    return [...tokens];
  }

  after(token: number): Choices {
    if (token === this.#quoted.stop) return ended;
    const [first, ...rest] = this.#nothing ?? [];
    const places = this.#tokens.get(token) ?? [];
    if (first === token) return new QuotePlace(this.#quoted, places, rest);
    // What is not in the text is a text like any other.
    return places.length > 0 ? new QuotePlace(this.#quoted, places) : anyText;
  }

  get finish(): readonly number[] {
    if (this.#isWhole) return [];
    if (this.#nothing) return this.#nothing;
    // From where the next end is nearest; a place lies before one, for the last character that is no blank ends there.
    const { bytes, nextEnds, words } = this.#quoted;
    const left = (place: number) => (nextEnds[place] as number) - place;
    const nearest = this.#places.reduce((a, b) => (left(b) < left(a) ? b : a));
    return words.cut(bytes.slice(nearest, nextEnds[nearest]));
  }
}

/** The tokens of a vocabulary by their bytes. */
class Words {
  /** Of all beginnings of tokens: a token that is just that, or undefined. */
  readonly #tokens = new Map<string, number | undefined>();

  constructor(tokenizer: Tokenizer) {
    for (let token = 0; token < tokenizer.vocabularySize; token++) {
      const bytes = binary(tokenizer.bytes(token));
      for (let length = 1; length < bytes.length; length++) {
        const beginning = bytes.slice(0, length);
        if (!this.#tokens.has(beginning)) this.#tokens.set(beginning, undefined);
      }
      if (bytes !== "") this.#tokens.set(bytes, token);
    }
  }

  /** Those that are written at a place of a text. */
  *at(bytes: string, place: number): Generator<{ token: number; length: number }, void> {
    for (let length = 1; place + length <= bytes.length; length++) {
      const beginning = bytes.slice(place, place + length);
      const token = this.#tokens.get(beginning);
      if (token !== undefined) yield { token, length };
      else if (!this.#tokens.has(beginning)) return;
    }
  }

  /** A text in tokens, the longest first. */
  cut(bytes: string): number[] {
    const tokens: number[] = [];
    for (let place = 0; place < bytes.length; ) {
      const longest = [...this.at(bytes, place)].at(-1);
      if (!longest) break;
      tokens.push(longest.token);
      place += longest.length;
    }
    return tokens;
  }
}

const known = new WeakMap<Tokenizer, Words>();

/** Made once, in some hundred milliseconds. */
function wordsOf(tokenizer: Tokenizer): Words {
  const words = known.get(tokenizer) ?? new Words(tokenizer);
  known.set(tokenizer, words);
  return words;
}

/** Bytes as a text of one character each, which is quick to look up. */
function binary(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
