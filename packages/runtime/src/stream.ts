import { iterate, stoppable } from "./iterate.ts";

/**
 * A text as it is written. What has come while nobody asked is one part.
 *
 * @param write writes it: tells of parts, and gives the whole in the end, which they are the beginning of
 * @throws what `write` throws, behind the parts that came before
 */
export function partsOf(
  write: (onPart: (part: string) => void, signal: AbortSignal) => Promise<string>,
  outer: AbortSignal | undefined,
): AsyncIterableIterator<string> {
  const { signal, stop } = stoppable(outer);
  let written: Promise<string> | undefined;
  let open = "";
  let given = 0;
  let isOver = false;
  let wake = () => {};

  function begin(): Promise<string> {
    const work = write((part) => {
      open += part;
      wake();
    }, signal);
    const end = () => {
      isOver = true;
      wake();
    };
    work.then(end, end);
    return work;
  }

  function take(): { value: string } {
    const value = open;
    given += value.length;
    open = "";
    return { value };
  }

  async function next(): Promise<{ value: string } | undefined> {
    written ??= begin();
    while (open === "" && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (open !== "") return take();
    open = (await written).slice(given);
    return open === "" ? undefined : take();
  }

  return iterate(next, stop);
}
