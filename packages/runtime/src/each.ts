import type { Answer } from "./decode/answer.ts";

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
export async function* eachAnswer(
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  answer: (inputs: unknown[], signal: AbortSignal) => Promise<Answer[]>,
  outer: AbortSignal | undefined,
): AsyncGenerator<Answer, void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const chunks = chunksOf(inputs);
  const sent: Promise<Answer[]>[] = [];
  let reading: Promise<undefined> | undefined;
  let isOver = false;
  let failure: { error: unknown } | undefined;

  async function read(): Promise<undefined> {
    try {
      const { done, value } = await chunks.next();
      if (done) isOver = true;
      else sent.push(answer(value, signal));
      // (Its error is thrown when it is its turn.)
      sent.at(-1)?.catch(() => {});
    } catch (error) {
      failure = { error };
      isOver = true;
    }
    reading = undefined;
  }

  try {
    for (;;) {
      outer?.throwIfAborted();
      if (!isOver && sent.length < ahead) reading ??= read();
      const waits = [...sent.slice(0, 1), ...(reading ? [reading] : [])];
      if (waits.length === 0) break;
      const found = await Promise.race(waits);
      if (!found) continue;
      sent.shift();
      yield* found;
    }
    if (failure) throw failure.error;
  } finally {
    stop.abort();
    void chunks.return();
  }
}

/** Inputs in chunks; one that is not full is given when the source makes it wait, or fails. */
async function* chunksOf(inputs: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown[], void> {
  const isAsync = Symbol.asyncIterator in inputs;
  const source = isAsync ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  let chunk: unknown[] = [];
  let isOver = false;
  let failure: { error: unknown } | undefined;
  const take = async () => {
    try {
      const { done, value } = await source.next();
      isOver = done === true;
      if (!isOver) chunk.push(value);
    } catch (error) {
      failure = { error };
      isOver = true;
    }
    return true;
  };
  try {
    while (!isOver) {
      const taken = take();
      if (isAsync && chunk.length > 0 && !(await Promise.race([taken, afterTurn(false)]))) {
        const given = chunk;
        chunk = [];
        yield given;
      }
      await taken;
      if (chunk.length < size && !isOver) continue;
      const given = chunk;
      chunk = [];
      if (given.length > 0) yield given;
    }
    if (failure) throw (failure as { error: unknown }).error;
  } finally {
    if (!isOver) await source.return?.();
  }
}

function afterTurn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value)));
}
