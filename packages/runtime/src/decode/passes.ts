/**
 * Most tokens of a pass that several inputs share: a batch of 32 takes as long an input as one of 8, and masks grow
 * with the square.
 */
const passTokens = 384;

/** What one pass may hold. */
export interface PassLimits {
  /** Tokens that fit behind the prefix. */
  room: number;
  /** Tokens that each input may take beside its own: those of the answer to come. */
  reserve: number;
}

/** The room of one pass, which inputs fill one by one. */
export class PassRoom {
  readonly #limits: PassLimits;
  #tokens = 0;
  #inputs = 0;

  constructor(limits: PassLimits) {
    this.#limits = limits;
  }

  /**
   * Whether there is room for another input, which takes it. The first always fits.
   *
   * @param tokens of the input; 0 = it is not run
   */
  take(tokens: number): boolean {
    if (tokens === 0) return true;
    const used = this.#tokens + tokens;
    const inputs = this.#inputs + 1;
    if (inputs > 1 && (used > passTokens || used + inputs * this.#limits.reserve > this.#limits.room)) return false;
    this.#tokens = used;
    this.#inputs = inputs;
    return true;
  }
}

/**
 * Cuts what comes into passes, in order: each is given as soon as it is full. So a stream or a large file is run while
 * it is read.
 *
 * @param cost tokens of an item; 0 = it is not run
 * @example
 * for await (const pass of passes(items, ({ ids }) => ids.length, limits)) await run(pass);
 */
export async function* passes<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  cost: (item: Item) => number,
  limits: PassLimits,
): AsyncGenerator<Item[], void> {
  let pass: Item[] = [];
  let room = new PassRoom(limits);
  for await (const item of items) {
    const tokens = cost(item);
    if (!room.take(tokens)) {
      yield pass;
      pass = [];
      room = new PassRoom(limits);
      room.take(tokens);
    }
    pass.push(item);
  }
  if (pass.length > 0) yield pass;
}
