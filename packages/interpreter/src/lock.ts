import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { InterpreterError } from "./errors.ts";
import { hasEnded, thisProcess } from "./process.ts";
import { readRegularSync, writeNote } from "./regular.ts";
import { diskError } from "./store-disk.ts";

/** A holder whose process cannot be asked counts as gone after this long without a sign of life, milliseconds. */
const STALE = 30_000;
/** One whose process has ended may have given its last sign this long ago; the least that proper-lockfile takes. */
const STALE_WHEN_ENDED = 2_000;

/**
 * Runs `work` while no other process (nor another call in this one) runs any for the same path. A holder that was killed blocks others for
 * some seconds, or for half a minute where its process is not of this machine: less, and a holder that a very busy machine keeps from saying
 * that it lives (training computes on this thread) would lose its lock.
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
    release = await take(path, STALE, onCompromised);
    if (release) break;
    if (!waited) onWait();
    if (hasEnded(holderOf(path))) await (await take(path, STALE_WHEN_ENDED, () => {}))?.();
    await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  // Beside the lock, which has to be an empty folder. Without it others wait longer, no more.
  const holder = `${path}.holder`;
  try {
    writeNote(holder, thisProcess());
  } catch {}
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lock that was lost is no longer ours to release.
    if (!lost.signal.aborted) {
      await rm(holder, { force: true }).catch(() => {});
      await release();
    }
  }
}

/** Takes the lock; undefined where somebody else holds it. */
async function take(
  path: string,
  stale: number,
  onCompromised: () => void,
): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lock(path, { realpath: false, stale, update: 2_000, onCompromised });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOCKED") return undefined;
    throw diskError(`${path}.lock`, error);
  }
}

/** What the holder said of itself. */
function holderOf(path: string): string | undefined {
  try {
    return readRegularSync(`${path}.holder`, { maxBytes: 1024, follow: false }).bytes.toString();
  } catch {
    return undefined;
  }
}
