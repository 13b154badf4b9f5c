import type { Tokenizer } from "@unplugin-paw/interpreter";

/**
 * A text that is being written, in parts whose sum begins the answer: blanks around it are no part of an answer, and
 * half of a character waits for the other half.
 */
export class GrowingText {
  readonly #tokenizer: Tokenizer;
  #given = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** What has come with these tokens, which are all up to now; empty where nothing is certain yet. */
  next(tokens: readonly number[]): string {
    const certain = this.#tokenizer
      .decode([...tokens])
      .replace(/\uFFFD+$/, "")
      .trim();
    const part = certain.slice(this.#given);
    this.#given = Math.max(this.#given, certain.length);
    return part;
  }
}
