/**
 * Works on several items at a time, and gives what comes of them in their order. No more is read than is worked on.
 *
 * @param width items at a time
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const one = work(item);
      // One that fails before its turn must not end the process.
      one.catch(() => {});
      running.push(one);
      if (running.length >= width) yield await (running.shift() as Promise<Result>);
    }
    while (running.length > 0) yield await (running.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(running);
  }
}
