import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeFolder } from "@unplugin-paw/disk";
import type { Spec } from "@unplugin-paw/spec";
import findCacheDirectory from "find-cache-dir";
import { type Entry, type Manifest, openEntry, parseManifest, printManifest } from "./entry.ts";
import { DamagedEntry } from "./errors.ts";
import { type Origin, programKey } from "./origin.ts";
import { isUnchanged, readIntoNew, readIntoShared, readText } from "./reading.ts";

/**
 * The folder for compiled programs of the project that `root` belongs to: `node_modules/.cache/unplugin-paw` beside its
 * package.json (or below `CACHE_DIR`), or below `root` where there is no package.
 */
export function defaultCache(root: string): string {
  return (
    findCacheDirectory({ name: "unplugin-paw", cwd: root }) ?? join(root, "node_modules", ".cache", "unplugin-paw")
  );
}

/** Folder of an entry, for people who find it in their repository: `<cache>/<spec name>-<start of the key>`. */
export function entryFolder(cache: string, origin: Origin): string {
  return join(cache, `${fileName(origin.name)}-${programKey(origin).slice(0, 16)}`);
}

/** The file of its program. */
export function entryPath(cache: string, origin: Origin): string {
  return join(entryFolder(cache, origin), weightsName(origin));
}

export function weightsName({ name }: Pick<Origin, "name">): string {
  return `${fileName(name)}.weights`;
}

export const MANIFEST = "program.json";

/** A name that no file system finds too long. */
function fileName(name: string): string {
  return name.slice(0, 60);
}

/**
 * An entry in the cache. Its weights have been verified, and are read when they are asked for: most builds only name
 * the file.
 */
export interface CachedEntry extends Entry {
  path: string;
}

/**
 * The entry of an origin; undefined where there is none.
 *
 * @throws {DamagedEntry} it is not what was put there; so do its weights, should they have changed before they were
 *   asked for
 */
export function readEntry(cache: string, origin: Origin, spec: Spec): CachedEntry | undefined {
  const path = entryPath(cache, origin);
  const text = readPart(() => readText(join(entryFolder(cache, origin), MANIFEST)));
  const found = readPart(() => readIntoShared(path));
  if (text === undefined && !found) return undefined;
  if (text === undefined) throw new DamagedEntry(`${MANIFEST} is missing`);
  if (!found) throw new DamagedEntry("the .weights file is missing");
  const opened = openEntry(text, found.bytes, origin, spec);
  let weights: Uint8Array | undefined;
  return {
    ...opened,
    path,
    get weights() {
      if (weights) return weights;
      const again = readPart(() => readIntoNew(path));
      if (!again) throw new DamagedEntry("the .weights file is gone");
      if (!isUnchanged(found, again)) openEntry(text, again.bytes, origin, spec);
      weights = again.bytes;
      return weights;
    },
  };
}

function readPart<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DamagedEntry(`it cannot be read: ${message}`);
  }
}

/** Writes an entry so that it appears whole or not at all. */
export async function writeEntry(cache: string, origin: Origin, entry: Entry): Promise<void> {
  await makeFolder(cache);
  await writeFolder(entryFolder(cache, origin), async (folder) => {
    await writeFile(join(folder, weightsName(origin)), entry.weights);
    await writeFile(join(folder, MANIFEST), printManifest(origin, entry));
  });
}

/** What a folder's entries say of themselves; without those that are damaged. */
export async function readManifests(cache: string): Promise<{ folder: string; manifest: Manifest }[]> {
  const names = await readdir(cache).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        const folder = join(cache, name);
        return [{ folder, manifest: parseManifest(readText(join(folder, MANIFEST))) }];
      } catch {
        return [];
      }
    }),
  );
  return found.flat().sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
