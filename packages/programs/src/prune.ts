import { lstat, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { LEFTOVER_AGE } from "@unplugin-paw/disk";
import type { Spec } from "@unplugin-paw/spec";
import { type Manifest, parseManifest } from "./entry.ts";
import { entryFolder, MANIFEST, weightsName } from "./folder.ts";
import { type Maker, programKey } from "./origin.ts";
import { readText } from "./reading.ts";

export interface PruneOptions {
  /** Names of specs that are there but cannot be read now: what has their name stays. */
  unread?: readonly string[];
  /** Removes nothing, and says what would be removed. */
  dryRun?: boolean;
}

export interface Pruned {
  removed: { path: string; bytes: number }[];
  /** How many entries stay because a spec needs them. */
  kept: number;
}

/** What a compile leaves that is killed while it writes: a half entry, a lock. */
const LEFTOVER = /^(.+)-[0-9a-f]{16}\.(?:\d+\.partial|lock)$/;

/**
 * Removes the entries of a cache that this version, given these specs, would never take, and what killed compiles have
 * left there. All efforts and seeds of a spec stay. Nothing else is touched: an entry is a folder whose manifest is
 * sound and fits the folder's name, and which has no other file than an entry has.
 *
 * @throws the file system's error when the folder cannot be read or changed
 */
export async function pruneCache(
  cache: string,
  specs: readonly Spec[],
  maker: Maker,
  { unread = [], dryRun = false }: PruneOptions = {},
): Promise<Pruned> {
  const current = new Set(specs.map(({ name, digest }) => `${name} ${digest}`));
  const needed = (manifest: Manifest) => {
    const { name, spec, key } = manifest;
    const ofThisVersion = programKey({ ...manifest, ...maker }) === key;
    return ofThisVersion && (current.has(`${name} ${spec}`) || unread.includes(name));
  };
  const pruned: Pruned = { removed: [], kept: 0 };
  const items = await readdir(cache, { withFileTypes: true });
  for (const folder of items.filter((item) => item.isDirectory()).map(({ name }) => join(cache, name))) {
    const inside = await readdir(folder, { withFileTypes: true });
    // (A link to a file is removed as such. A folder or a pipe is nothing that an entry has.)
    if (!inside.every((file) => file.isFile() || file.isSymbolicLink())) continue;
    const files = inside.map(({ name }) => name);
    const manifest = await readManifest(cache, folder, files);
    if (manifest && needed(manifest)) pruned.kept++;
    else if (manifest || (await isLeftover(folder, files))) {
      pruned.removed.push({ path: folder, bytes: await remove(folder, files, dryRun) });
    }
  }
  return pruned;
}

/** The manifest of a folder that is an entry of ours and nothing more. */
async function readManifest(cache: string, folder: string, files: string[]): Promise<Manifest | undefined> {
  if (!files.includes(MANIFEST)) return undefined;
  try {
    const manifest = parseManifest(readText(join(folder, MANIFEST)));
    const own = [MANIFEST, weightsName(manifest)];
    const ours = entryFolder(cache, manifest) === folder && files.every((file) => own.includes(file));
    return ours ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function isLeftover(folder: string, files: string[]): Promise<boolean> {
  const name = LEFTOVER.exec(basename(folder))?.[1];
  if (name === undefined || Date.now() - (await stat(folder)).mtimeMs < LEFTOVER_AGE) return false;
  return files.every((file) => file === MANIFEST || file === weightsName({ name }));
}

async function remove(folder: string, files: string[], dryRun: boolean): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const path = join(folder, file);
    bytes += (await lstat(path)).size;
    if (!dryRun) await unlink(path);
  }
  // (Not recursively: what came in between is not ours.)
  if (!dryRun) await rmdir(folder);
  return bytes;
}
