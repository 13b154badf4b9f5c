/** How often a person hears of it, milliseconds. */
const PAUSE = 10_000;

/** What a person hears while a file is answered: lines, their rate, how much of the file that is, the time left. */
export class News {
  readonly #total: number | undefined;
  readonly #skipped: number;
  readonly #out: string | undefined;
  readonly #now: () => number;
  readonly #start: number;
  #last: number;
  #lines = 0;
  /** Bytes of the file behind the first line that was answered now. */
  #first: number | undefined;

  /**
   * @param total bytes of the file, where they are known
   * @param skipped lines that an earlier run answered
   * @param out the file that is written
   */
  constructor(
    total: number | undefined,
    skipped: number,
    out: string | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#total = total;
    this.#skipped = skipped;
    this.#out = out;
    this.#now = now;
    this.#start = this.#last = now();
  }

  /**
   * Counts a line.
   *
   * @param end bytes of the file up to its end
   * @returns what there is to say, every ten seconds
   */
  answered(end: number | undefined): string | undefined {
    this.#lines++;
    this.#first ??= end;
    const now = this.#now();
    if (now - this.#last < PAUSE) return undefined;
    this.#last = now;
    return `${this.#count()}${this.#left(end)}`;
  }

  done(failed: number): string {
    const where = this.#out === undefined ? "" : `${this.#out}: `;
    return `${where}${this.#count()}${failed > 0 ? `, ${failed.toLocaleString("en")} of them failed` : ""}`;
  }

  #count(): string {
    const seconds = Math.max(0.001, (this.#now() - this.#start) / 1000);
    return `${(this.#skipped + this.#lines).toLocaleString("en")} lines, ${(this.#lines / seconds).toFixed(1)} a second`;
  }

  #left(end: number | undefined): string {
    if (end === undefined || !this.#total) return "";
    const done = end - (this.#first ?? 0);
    const share = `, ${Math.floor((100 * end) / this.#total)} %`;
    if (done <= 0) return share;
    const minutes = (((this.#now() - this.#start) / 60_000) * (this.#total - end)) / done;
    return `${share}, about ${minutes < 1 ? "a minute" : `${Math.ceil(minutes)} minutes`} left`;
  }
}
