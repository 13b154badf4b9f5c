import type { Settled } from "./api.ts";
import type { Answer } from "./decode/answer.ts";
import { iterate, stoppable } from "./iterate.ts";

/** Inputs that are sent together: about as many short ones as share a pass. */
const size = 16;
/** Chunks that are sent before the first of them is answered: the model has something to do while answers are read. */
const ahead = 4;

/**
 * Answers in the order of the inputs, as they come. Inputs are read as answers are taken, a few dozen ahead; those of a
 * source that lets one wait are answered meanwhile. Who stops early cancels what runs.
 *
 * @param answer answers some inputs, in their order
 * @throws the signal's reason, and what the source throws, behind the answers to all before
 */
export function eachAnswer(
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  answer: (inputs: unknown[], signal: AbortSignal) => Promise<Answer[]>,
  outer: AbortSignal | undefined,
): AsyncIterableIterator<Settled<unknown>> {
  const { signal, stop } = stoppable(outer);
  const chunks = new Chunks(inputs);
  const sent: Promise<Answer[]>[] = [];
  const ready: Answer[] = [];
  let reading: Promise<undefined> | undefined;
  let isOver = false;
  let failure: { error: unknown } | undefined;

  async function read(): Promise<undefined> {
    try {
      const chunk = await chunks.next();
      if (chunk) sent.push(answer(chunk, signal));
      else isOver = true;
      // (Its error is thrown when it is its turn.)
      sent.at(-1)?.catch(() => {});
    } catch (error) {
      failure = { error };
      isOver = true;
    }
    reading = undefined;
  }

  async function next(): Promise<{ value: Settled<unknown> } | undefined> {
    for (;;) {
      outer?.throwIfAborted();
      const one = ready.shift();
      if (one) return { value: one.error ? { error: one.error } : { value: one.value } };
      if (!isOver && sent.length < ahead) reading ??= read();
      const waits = [...sent.slice(0, 1), ...(reading ? [reading] : [])];
      if (waits.length === 0) break;
      const found = await Promise.race(waits);
      if (!found) continue;
      sent.shift();
      ready.push(...found);
    }
    if (failure) throw failure.error;
    return undefined;
  }

  return iterate(next, () => {
    stop();
    chunks.close();
  });
}

/** Inputs in chunks; one that is not full is given when the source makes it wait, or ends. */
class Chunks {
  private readonly source: Iterator<unknown> | AsyncIterator<unknown>;
  private readonly isAsync: boolean;
  private chunk: unknown[] = [];
  private taking: Promise<boolean> | undefined;
  private isOver = false;
  private failure: { error: unknown } | undefined;

  constructor(inputs: Iterable<unknown> | AsyncIterable<unknown>) {
    this.isAsync = Symbol.asyncIterator in inputs;
    this.source =
      Symbol.asyncIterator in inputs
        ? inputs[Symbol.asyncIterator]()
        : (inputs as Iterable<unknown>)[Symbol.iterator]();
  }

  /** @returns undefined behind the last one. @throws what the source throws, behind what it gave */
  async next(): Promise<unknown[] | undefined> {
    while (!this.isOver) {
      this.taking ??= this.take();
      const isSlow = this.isAsync && this.chunk.length > 0 && !(await Promise.race([this.taking, afterTurn(false)]));
      if (isSlow) return this.flush();
      await this.taking;
      this.taking = undefined;
      if (this.chunk.length === size) return this.flush();
    }
    if (this.chunk.length > 0) return this.flush();
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
    return undefined;
  }

  /** Tells the source that nobody reads on. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    void Promise.resolve()
      .then(() => this.source.return?.())
      .catch(() => {});
  }

  private async take(): Promise<boolean> {
    try {
      const { done, value } = await this.source.next();
      if (done) this.isOver = true;
      else this.chunk.push(value);
    } catch (error) {
      this.failure = { error };
      this.isOver = true;
    }
    return true;
  }

  private flush(): unknown[] {
    const { chunk } = this;
    this.chunk = [];
    return chunk;
  }
}

function afterTurn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value)));
}
