import { randomUUID } from "node:crypto";
import { type Stats, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import { UsageError, WriteError } from "./errors.ts";

/**
 * Checks that a file named on the command line is there.
 *
 * @param pipes whether a pipe will do, such as `<(...)`
 * @throws {UsageError}
 */
export function namedFile(path: string, pipes?: "pipes too"): void {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === "ENOENT" || code === "ENOTDIR" ? `There is no file ${path}.` : `Cannot read ${path}: ${message}.`,
    );
  }
  if (stat.isDirectory()) throw new UsageError(`${path} is a folder; name a file.`);
  if (!stat.isFile() && !pipes) throw new UsageError(`${path} is not a regular file.`);
}

/** Checks the kind of a file by its extension, and that it is there. */
export function namedKind(path: string, ...kinds: (".paw" | ".weights")[]): void {
  namedFile(path);
  if (!(kinds as string[]).includes(extname(path))) {
    throw new UsageError(`${path} is not a ${kinds.join(" or ")} file.`);
  }
}

/** What is at a path, if anything is. */
export function existing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Writes a file whole or not at all; its folder is made.
 *
 * @throws {WriteError}, or the signal's reason
 */
export async function writeWhole(path: string, content: Uint8Array | string, signal?: AbortSignal): Promise<void> {
  const folder = dirname(path);
  const partial = `${folder}/.${basename(path)}.${randomUUID()}.partial`;
  try {
    await makeFolder(folder);
    await writeFile(partial, content, signal ? { signal } : {});
    await rename(partial, path);
  } catch (error) {
    // Where the folder could not be made, there is nothing to remove.
    await rm(partial, { force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw new WriteError(path, error as Error);
  }
}

/**
 * Node's own recursive `mkdir` never returns where the system refuses a folder with "no such file", as Linux does below
 * `/proc`.
 */
async function makeFolder(path: string): Promise<void> {
  if (existing(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}
