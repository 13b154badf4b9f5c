import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { onDisk } from "./errors.ts";
import { withLock } from "./lock.ts";
import { sweep } from "./sweep.ts";
import { isPartialOf, makeFolder } from "./whole.ts";

/** How a thing on disk is found and made. */
export interface Once<T> {
  /**
   * What is there; undefined where it is missing or damaged. Asked before the lock is taken, and again while it is
   * held.
   */
  look: () => T | undefined | Promise<T | undefined>;
  /** Makes it. Its signal also fires when the lock is lost. */
  make: (signal: AbortSignal) => Promise<T>;
  /** Called once if another process makes it. */
  onWait?: () => void;
  signal?: AbortSignal;
}

/**
 * Finds a file or folder, or makes it, however many processes want it: one makes it, the others wait and take what it
 * made. What killed processes have left of it is removed first.
 *
 * @throws {DiskError} `DISK_FULL`, `STORE_UNWRITABLE`, `STORE_LOCK_LOST`; the signal's reason; what `look` and `make`
 *   throw
 * @example
 * await makeOnce("cache/model", { look: () => readModel("cache/model"), make: () => convert("model.gguf", "cache/model") });
 */
export async function makeOnce<T>(
  path: string,
  { look, make, onWait = () => {}, signal = new AbortController().signal }: Once<T>,
): Promise<T> {
  const found = await look();
  if (found !== undefined) return found;
  const folder = dirname(path);
  await onDisk(folder, () => makeFolder(folder));
  await sweep(folder);
  return await withLock(path, signal, onWait, async (signal) => {
    const made = await look(); // by the process that held the lock before
    if (made !== undefined) return made;
    await removePartials(path);
    return await make(signal);
  });
}

/** Removes what killed processes have left of a folder. The caller holds its lock. */
async function removePartials(path: string): Promise<void> {
  const left = (await readdir(dirname(path))).filter((name) => isPartialOf(path, name));
  for (const name of left) await onDisk(name, () => rm(join(dirname(path), name), { recursive: true, force: true }));
}
