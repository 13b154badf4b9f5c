import { makeOnce } from "@unplugin-paw/disk";
import type { Spec } from "@unplugin-paw/spec";
import { type Entry, packEntry, unpackEntry } from "./entry.ts";
import { DamagedEntry } from "./errors.ts";
import { type CachedEntry, entryFolder, entryPath, readEntry, writeEntry } from "./folder.ts";
import { type Origin, programKey } from "./origin.ts";
import type { Remote } from "./remote.ts";

/** A program that was found, or made. */
export interface Obtained extends Entry {
  /** Time that it took to make. */
  seconds?: number;
  /** Its file in the cache; absent without a cache, or where it could not be written. */
  path?: string;
}

export interface ObtainOptions {
  cache: string | false;
  remote: Remote | undefined;
  /** Called once if another process makes the same program. */
  onWait: () => void;
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/**
 * A program from the cache, from the remote one, or made, in this order; what was not in them is put there. Processes
 * that want the same program make it once. A cache that cannot be written costs time, not the build.
 */
export async function obtain(
  spec: Spec,
  origin: Origin,
  make: (signal: AbortSignal) => Promise<Obtained>,
  { cache, remote, onWait, onWarning, signal }: ObtainOptions,
): Promise<Obtained> {
  if (cache === false) return await make(signal);
  const key = programKey(origin);
  const folder = entryFolder(cache, origin);
  const path = entryPath(cache, origin);

  const look = (warn: (message: string) => void): CachedEntry | undefined => {
    try {
      return readEntry(cache, origin, spec);
    } catch (error) {
      if (!(error instanceof DamagedEntry)) throw error;
      warn(`${folder} is damaged, so it is made anew: ${error.message}. ${error.hint}`.trimEnd());
      return undefined;
    }
  };
  const take = async (signal: AbortSignal): Promise<Obtained> => {
    const found = await remote?.get(key, (value) => unpackEntry(value, origin, spec), { onWarning, signal });
    return found ?? (await make(signal));
  };

  const found = look(onWarning);
  if (found) return found;
  let [begun, kept] = [false, false];
  let taken: Obtained | undefined;
  try {
    const entry = await makeOnce<Obtained>(folder, {
      look: () => look(() => {}),
      make: async (signal) => {
        begun = true;
        taken = await take(signal);
        await writeEntry(cache, origin, taken);
        kept = true;
        return taken;
      },
      onWait,
      signal,
    });
    if (!taken) return entry;
  } catch (error) {
    if (!taken && (begun || signal.aborted)) throw error;
  }
  taken ??= await take(signal);
  const { seconds } = taken;
  if (seconds !== undefined) await remote?.put(key, () => packEntry(origin, taken as Obtained), { onWarning, signal });
  return { ...taken, ...(kept && { path }) };
}
