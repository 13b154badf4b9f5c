/** A signal that the outer one ends, or who reads no further. */
export function stoppable(outer: AbortSignal | undefined): { signal: AbortSignal; stop: () => void } {
  const inner = new AbortController();
  const signal = outer ? AbortSignal.any([outer, inner.signal]) : inner.signal;
  return { signal, stop: () => inner.abort() };
}

/**
 * An iterator for `for await`. (Written by hand: compilers of apps break asynchronous generators, as Farm 1.7's does for
 * browsers.) Calls of `next` wait for each other.
 *
 * @param next the next value; undefined = there is none any more
 * @param end is called once, whatever ends it: the last value, an error, a reader who leaves
 */
export function iterate<T>(next: () => Promise<{ value: T } | undefined>, end: () => void): AsyncIterableIterator<T> {
  let isOver = false;
  let last: Promise<unknown> = Promise.resolve();
  function finish(): IteratorReturnResult<undefined> {
    if (!isOver) {
      isOver = true;
      end();
    }
    return { done: true, value: undefined };
  }
  async function step(): Promise<IteratorResult<T, undefined>> {
    if (isOver) return finish();
    try {
      const found = await next();
      return found && !isOver ? { done: false, value: found.value } : finish();
    } catch (error) {
      finish();
      throw error;
    }
  }
  const iterator: AsyncIterableIterator<T> = {
    next() {
      const result = last.then(step);
      last = result.catch(() => {});
      return result;
    },
    return: async () => finish(),
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
