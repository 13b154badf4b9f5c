import { type Pruned, type PruneOptions, pruneCache as prune } from "@unplugin-paw/programs";
import type { Spec } from "@unplugin-paw/spec";
import { maker } from "./maker.ts";

/**
 * Removes the programs of a cache that this compiler, given these specs, would never take.
 *
 * @throws the file system's error when the folder cannot be read or changed
 * @example
 * await pruneCache("node_modules/.cache/unplugin-paw", specs, { dryRun: true });
 */
export async function pruneCache(cache: string, specs: readonly Spec[], options?: PruneOptions): Promise<Pruned> {
  return await prune(cache, specs, maker, options);
}
