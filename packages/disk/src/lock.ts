import { lstatSync, rmSync, utimesSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { DiskError, diskError } from "./errors.ts";
import { hasEnded, thisProcess } from "./holder.ts";
import { readRegularSync } from "./regular.ts";
import { writeWholeSync } from "./whole.ts";

/** A holder whose process cannot be asked counts as gone after this long without a sign of life, milliseconds. */
const STALE = 30_000;
/** One whose process has ended may have given its last sign this long ago; the least that proper-lockfile takes. */
const STALE_WHEN_ENDED = 2_000;

/**
 * Runs `work` while no other process (nor another call in this one) runs any for the same path. A holder that was
 * killed blocks others for some seconds, or for half a minute where its process is not of this machine: less, and a
 * holder that a very busy machine keeps from saying that it lives (training computes on this thread) would lose its
 * lock.
 *
 * @param work gets a signal that also fires when the lock is lost
 * @param onWait called once if somebody else holds the lock
 * @throws {DiskError} `STORE_LOCK_LOST`, `STORE_UNWRITABLE`; the signal's reason; what `work` throws
 * @example
 * await withLock("cache/model", signal, () => console.error("waiting"), (signal) => convert("cache/model", signal));
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
    lost.abort(new DiskError("STORE_LOCK_LOST", `Another process took over ${path}.lock.`, hint));
  };
  let release: (() => Promise<void>) | undefined;
  const standsStill = watchOf(`${path}.lock`);
  for (let waited = false; !release; waited = true) {
    signal.throwIfAborted();
    release = await take(path, STALE, onCompromised);
    if (release) break;
    if (!waited) onWait();
    const ended = hasEnded(holderOf(path));
    if (ended) await (await take(path, STALE_WHEN_ENDED, () => {}))?.();
    standsStill(ended ? STALE_WHEN_ENDED : STALE);
    await sleep(100, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  // Beside the lock, which has to be an empty folder. Without it others wait longer, no more.
  const holder = `${path}.holder`;
  try {
    writeWholeSync(holder, thisProcess());
  } catch {}
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lock that was lost is no longer ours to release.
    if (!lost.signal.aborted) {
      await rm(holder, { force: true }).catch(() => {});
      // (The work is done. A lock that cannot be given back holds others up for half a minute.)
      await release().catch(() => {});
    }
  }
}

/**
 * Watches a lock that somebody else holds, by this process's own clock: one that gave its last sign in the future (the
 * clock was put back, or is another machine's) would never grow old.
 *
 * @returns what to call now and then: it makes the lock old that has not changed for so many milliseconds
 */
function watchOf(lock: string): (stale: number) => void {
  let [seen, since] = [Number.NaN, 0];
  return (stale) => {
    try {
      const { mtimeMs } = lstatSync(lock);
      if (mtimeMs !== seen) [seen, since] = [mtimeMs, performance.now()];
      else if (performance.now() - since > stale) utimesSync(lock, 1, 1);
    } catch {
      // It was given back just now.
    }
  };
}

/** A lock is a folder. Anything else under its name was never taken by anybody, and would never be given back. */
function clearWay(lock: string): void {
  if (lstatSync(lock, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(lock, { force: true });
}

/** Takes the lock; undefined where somebody else holds it. */
async function take(
  path: string,
  stale: number,
  onCompromised: () => void,
): Promise<(() => Promise<void>) | undefined> {
  // (Now: most processes find what they want and lock nothing, and loading it takes 30 ms.)
  const { lock } = await import("proper-lockfile");
  try {
    clearWay(`${path}.lock`);
    return await lock(path, { realpath: false, stale, update: 2_000, onCompromised });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ELOCKED") return undefined;
    if (code === "ENOTEMPTY") {
      const message = `Cannot take ${path}.lock: it is a folder with something in it, which no lock has.`;
      throw new DiskError("STORE_UNWRITABLE", message, "Remove the folder and run again.");
    }
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
