import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * What a killed process leaves beside what it was making: half a folder, a lock, a note of its holder; all named after
 * what they belong to.
 */
const LEFTOVER = /^\.?.+-[0-9a-f]{16}\.(?:\d+\.partial|lock|holder|holder\.[0-9a-f-]{36}\.partial)$/;

/**
 * Milliseconds after which nobody works on one: a holder touches its lock every two seconds, and half a folder is
 * written within seconds.
 */
export const LEFTOVER_AGE = 600_000;

const swept = new Set<string>();

/**
 * Removes what killed processes have left in a folder of ours, once a process. Where something cannot be removed it
 * stays.
 *
 * @param now milliseconds since 1970, by the clock of the folder's files
 */
export async function sweep(folder: string, now: number = Date.now()): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!LEFTOVER.test(name)) continue;
    const path = join(folder, name);
    try {
      const info = await lstat(path);
      if (now - info.mtimeMs < LEFTOVER_AGE) continue;
      // (What holds a folder was put there by somebody else.)
      const inside = info.isDirectory() ? await readdir(path, { withFileTypes: true }) : [];
      if (inside.every((file) => file.isFile())) await rm(path, { recursive: true });
    } catch {
      // Another process was faster, or it is not ours to remove.
    }
  }
}
