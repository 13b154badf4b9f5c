import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { InterpreterError } from "./errors.ts";
import { diskError } from "./store-disk.ts";

/**
 * Runs `work` while no other process (nor another call in this one) runs any for the same path. A holder that was
 * killed blocks others for at most half a minute; less, and a holder that a very busy machine keeps from saying that it lives
 * (training computes on this thread) would lose its lock.
 *
 * @param work gets a signal that also fires when the lock is lost
 * @param onWait called once if somebody else holds the lock
 * @throws {InterpreterError} `STORE_LOCK_LOST`, `STORE_UNWRITABLE`
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  onWait: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const onCompromised = () => {
    const hint = "This happens when the machine slept or was very busy. Run again: the work goes on where it stopped.";
    lost.abort(new InterpreterError("STORE_LOCK_LOST", `Another process took over ${path}.lock.`, hint));
  };
  let release: (() => Promise<void>) | undefined;
  for (let waited = false; !release; waited = true) {
    signal.throwIfAborted();
    try {
      release = await lock(path, { realpath: false, stale: 30_000, update: 2_000, onCompromised });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw diskError(`${path}.lock`, error);
      if (!waited) onWait();
      await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lock that was lost is no longer ours to release.
    if (!lost.signal.aborted) await release();
  }
}
