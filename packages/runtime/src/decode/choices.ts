/**
 * What may follow at one place of an answer. A place never changes, so guesses, batches and the labels of a trie can go
 * on from the same one in several ways. Closed labels (`trie.ts`) and typed values (`grammar/`) are implementations of
 * this.
 */
export interface Choices {
  /**
   * The tokens of which the next one is one, in a fixed order; undefined = the whole vocabulary. Empty where the answer
   * has ended.
   */
  readonly next: readonly number[] | undefined;
  /** What may follow one of them. */
  after(token: number): Choices;
  /** Tokens that are worth more than the others, by so many log units. */
  readonly favoured?: { by: number; has(token: number): boolean };
  /**
   * The fewest tokens that make a whole answer of what is there, without the one that ends it; undefined where any text
   * is one.
   */
  readonly finish?: readonly number[] | undefined;
}

/** A place where an answer could have gone on in several ways. */
export interface Decision {
  /** How many tokens of the answer stand before it. */
  place: number;
  /** What it goes on with. */
  token: number;
  /** {@link Choices.next} */
  among: readonly number[] | undefined;
}

/** A text of any tokens. */
export const anyText: Choices = { next: undefined, after: () => anyText };

/** The decisions on the way of an answer: what it is not alone in is left out. */
export function decisions(start: Choices, answer: readonly number[]): Decision[] {
  const found: Decision[] = [];
  let choices = start;
  for (const [place, token] of answer.entries()) {
    const among = choices.next;
    // What no answer is written with (of an input that was cut, say) is chosen among all tokens.
    if (!among?.includes(token)) found.push({ place, token, among: undefined });
    else if (among.length > 1) found.push({ place, token, among });
    choices = choices.after(token);
  }
  return found;
}
