import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeProgram, type Program } from "@unplugin-paw/program";
import type { Spec } from "@unplugin-paw/spec";
import findCacheDirectory from "find-cache-dir";
import type { TestResult } from "./tests.ts";

/** A compiled program as it lies in the cache: `<cache>/<key>/<spec name>.weights` and `tests.json`. */
export interface Entry {
  program: Program;
  weights: Uint8Array;
  results: TestResult[];
}

/**
 * The folder for compiled programs of the project that `root` belongs to: `node_modules/.cache/unplugin-paw` beside its package.json
 * (or below `CACHE_DIR`), or below `root` where there is no package.
 */
export function defaultCache(root: string): string {
  return (
    findCacheDirectory({ name: "unplugin-paw", cwd: root }) ?? join(root, "node_modules", ".cache", "unplugin-paw")
  );
}

/** Hex SHA-256 over all that decides a program. Parts are length-prefixed, so that no two lists of parts read the same. */
export function cacheKey(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest("hex");
}

export function entryPath(cache: string, key: string, name: string): string {
  return join(cache, key, `${name}.weights`);
}

/** The entry of a key; undefined where there is none, or a damaged or foreign one: a bad entry is a miss. */
export async function readEntry(
  cache: string,
  key: string,
  spec: Spec,
  interpreter: { id: string; digest: string },
): Promise<Entry | undefined> {
  try {
    const weights = await readFile(entryPath(cache, key, spec.name));
    const results: TestResult[] = JSON.parse(await readFile(join(cache, key, "tests.json"), "utf8"));
    const program = decodeProgram(weights, { interpreter });
    if (program.spec.digest !== spec.digest || results.length !== spec.tests.length) return undefined;
    return { program, weights, results };
  } catch {
    return undefined;
  }
}

/** Writes an entry so that it appears whole or not at all. */
export async function writeEntry(cache: string, key: string, name: string, { weights, results }: Entry): Promise<void> {
  const folder = join(cache, key);
  const temporary = `${folder}.${process.pid}.partial`;
  try {
    await mkdir(temporary, { recursive: true });
    await writeFile(join(temporary, `${name}.weights`), weights);
    await writeFile(join(temporary, "tests.json"), JSON.stringify(results));
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
