import { join } from "node:path";
import { makeFolder, withLock } from "@unplugin-paw/disk";
import { pawHome } from "@unplugin-paw/interpreter";

/**
 * Runs `work` when no other process of this user does: training takes two gigabytes and all cores, and two at once take
 * longer than one after the other. Where the user's folder cannot be written nobody can be waited for, and `work` runs
 * at once.
 *
 * @param work gets a signal that also fires when the turn is lost
 * @param onWait called once if somebody else has the turn
 */
export async function takeTurn<T>(
  signal: AbortSignal,
  onWait: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let started = false;
  try {
    await makeFolder(pawHome());
    return await withLock(join(pawHome(), "training"), signal, onWait, (own) => {
      started = true;
      return work(own);
    });
  } catch (error) {
    if (started || signal.aborted) throw error;
    return await work(signal);
  }
}
