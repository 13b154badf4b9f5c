/**
 * A text as it is written. What has come while nobody asked is one part.
 *
 * @param write writes it: tells of parts, and gives the whole in the end, which they are the beginning of
 * @throws what `write` throws, behind the parts that came before
 */
export async function* partsOf(
  write: (onPart: (part: string) => void, signal: AbortSignal) => Promise<string>,
  outer: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  let open = "";
  let given = 0;
  let wake = () => {};
  let isOver = false;
  const written = write((part) => {
    open += part;
    wake();
  }, signal);
  const end = () => {
    isOver = true;
    wake();
  };
  written.then(end, end);
  try {
    while (!isOver || open !== "") {
      if (open === "") {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const part = open;
      open = "";
      given += part.length;
      yield part;
    }
    const rest = (await written).slice(given);
    if (rest !== "") yield rest;
  } finally {
    stop.abort();
  }
}
