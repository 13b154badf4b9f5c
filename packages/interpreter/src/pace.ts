/**
 * Tells a transfer that goes on from one that only pretends to: a server that sends a byte a second never stalls, and
 * never ends.
 */
export class Pace {
  readonly #window: number;
  readonly #least: number;
  #since = performance.now();
  #before: number;

  /**
   * @param window milliseconds, of which each is looked at by itself
   * @param least bytes that one of them must bring
   * @param loaded bytes that are there now
   */
  constructor(window: number, least: number, loaded = 0) {
    this.#window = window;
    this.#least = least;
    this.#before = loaded;
  }

  /** Whether the last window brought less than the least. */
  isTooSlow(loaded: number): boolean {
    const now = performance.now();
    if (now - this.#since < this.#window) return false;
    const slow = loaded - this.#before < this.#least;
    [this.#since, this.#before] = [now, loaded];
    return slow;
  }
}

/** Bytes a second below which a download is given up: a hundred megabytes would take half a day. */
export const LEAST_RATE = 2048;
