import { relative } from "node:path";
import { pruneCache } from "@unplugin-paw/compiler";
import { nameOf, readSpec } from "@unplugin-paw/spec";
import { findSpecs } from "@unplugin-paw/spec/find";
import { type CacheFlag, cacheFolder } from "../compiler.ts";
import { UsageError } from "../errors.ts";
import { existing } from "../files.ts";
import { note, print, size } from "../output.ts";

export interface PruneFlags extends CacheFlag {
  dryRun?: boolean;
}

/**
 * `paw cache prune`: removes the programs that no spec under the current folder needs any more, and prints their paths.
 *
 * @returns the exit code
 */
export async function pruneCommand(flags: PruneFlags): Promise<number> {
  const cache = cacheFolder(flags);
  const stat = existing(cache);
  if (stat && !stat.isDirectory()) throw new UsageError(`${cache} is a file, not a folder.`);
  if (!stat && flags.cache !== undefined) throw new UsageError(`There is no folder ${cache}.`);
  const files = findSpecs();
  if (files.length === 0) {
    const hint = "Run it in the folder that your specs are under, and name another cache with --cache.";
    throw new UsageError("There are no .paw files under the current folder: every program would be removed.", hint);
  }
  const read = files.map((file) => ({ file, ...readSpec(file, { allowOutside: true }) }));
  const specs = read.flatMap(({ spec }) => (spec ? [spec] : []));
  // What a spec said before it was broken it may say again in a minute.
  const unread = read.filter(({ spec }) => !spec).map(({ file }) => nameOf(file));
  const { removed, kept } = stat
    ? await pruneCache(cache, specs, { unread, ...(flags.dryRun && { dryRun: true }) })
    : { removed: [], kept: 0 };
  for (const { path } of removed) print(relative(process.cwd(), path));
  const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
  note(`${flags.dryRun ? "would remove" : "removed"} ${removed.length} (${size(bytes)}), kept ${kept}: ${cache}`);
  return 0;
}
