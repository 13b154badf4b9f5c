import { existsSync, lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shared } from "../../shared.ts";

/**
 * A folder for files that outlive a build, in the system's folder for temporary files, where everybody may make one. It
 * has the same path for each run of a user, so that persistent caches find what is in it; where somebody else made it
 * first, or lets others write to it, this process takes another one, of a name that nobody can know before.
 *
 * @throws the file system's error
 */
export function ownFolder(): string {
  const user = process.getuid?.();
  const folder = join(tmpdir(), `unplugin-paw-${user ?? ""}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const info = lstatSync(folder);
  // (Windows gives each user a folder for temporary files, and has no modes.)
  if (info.isDirectory() && (user === undefined || (info.uid === user && (info.mode & 0o022) === 0))) return folder;
  if (shared.ownFolder !== undefined && existsSync(shared.ownFolder)) return shared.ownFolder;
  shared.ownFolder = mkdtempSync(join(tmpdir(), "unplugin-paw-"));
  return shared.ownFolder;
}
