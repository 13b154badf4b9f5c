import type { Tokenizer } from "@unplugin-paw/interpreter";
import { NOTHING } from "@unplugin-paw/program";
import { binary } from "../bytes.ts";
import { anyText, type Choices } from "../choices.ts";

/**
 * The parts of a text, and `none`: an answer goes on as the text does, at any of the places that fit what is written so
 * far, so it cannot say what the text does not. A part begins and ends with what is no blank, and never within a
 * character.
 *
 * @param text well-formed Unicode ({@link wellFormed})
 * @param stop the token that ends an answer
 * @example
 * quoteChoices("Yours, Ann", tokenizer, stop).next; // the tokens of "none", and all that a part may begin with
 */
export function quoteChoices(text: string, tokenizer: Tokenizer, stop: number): Choices {
  const starts: number[] = [];
  const ends = new Set<number>();
  let at = 0;
  for (const character of text) {
    const isBlank = character.trim() === "";
    if (!isBlank) starts.push(at);
    at += utf8.encode(character).length;
    if (!isBlank) ends.add(at);
  }
  const bytes = binary(text);
  const nextEnds: number[] = [];
  for (const end of ends) while (nextEnds.length < end) nextEnds.push(end);
  const words = wordsOf(tokenizer);
  const canEnd = endings(bytes, ends, words);
  const quoted = { bytes, ends, nextEnds, canEnd, words, stop };
  return new QuotePlace(quoted, starts, tokenizer.encode(NOTHING));
}

/** A text with U+FFFD for what is no Unicode (half a surrogate pair), as a tokenizer reads it; of the same length. */
export function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8.encode(text));
}

const utf8 = new TextEncoder();

const ended: Choices = { next: [], after: () => ended };

/** From which places of a text tokens lead to an end: of bytes that no usual text has, a vocabulary may lack some. */
function endings(bytes: string, ends: ReadonlySet<number>, words: Words): boolean[] {
  const canEnd = new Array<boolean>(bytes.length + 1);
  for (let place = bytes.length; place >= 0; place--) {
    canEnd[place] = ends.has(place) || [...words.at(bytes, place)].some(({ length }) => canEnd[place + length]);
  }
  return canEnd;
}

/** A text that is quoted, and what quotes are written with. */
interface Quoted {
  /** The text's UTF-8, a character a byte. */
  bytes: string;
  /** Where a quote may end. */
  ends: ReadonlySet<number>;
  /** The first end behind each place. */
  nextEnds: readonly number[];
  /** The places from which tokens lead to an end. */
  canEnd: readonly boolean[];
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
    const { bytes, canEnd, words } = this.#quoted;
    const below = new Map<number, number[]>();
    for (const place of this.#places) {
      for (const { token, length } of words.at(bytes, place)) {
        if (!canEnd[place + length]) continue;
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
    if (this.#isWhole) tokens.add(this.#quoted.stop);
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
    const { bytes, ends, nextEnds, canEnd, words } = this.#quoted;
    const left = (place: number) => (nextEnds[place] as number) - place;
    const nearest = this.#places.reduce((a, b) => (left(b) < left(a) ? b : a));
    const tokens: number[] = [];
    for (let place = nearest; !ends.has(place); ) {
      // The longest that goes no further than to the next end, or the shortest that does.
      const ways = [...words.at(bytes, place)].filter(({ length }) => canEnd[place + length]);
      const within = ways.filter(({ length }) => length <= left(place));
      const { token, length } = (within.at(-1) ?? ways[0]) as (typeof ways)[0];
      tokens.push(token);
      place += length;
    }
    return tokens;
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
}

const known = new WeakMap<Tokenizer, Words>();

/** Made once, in some hundred milliseconds. */
function wordsOf(tokenizer: Tokenizer): Words {
  const words = known.get(tokenizer) ?? new Words(tokenizer);
  known.set(tokenizer, words);
  return words;
}
