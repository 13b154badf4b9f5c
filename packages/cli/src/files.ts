import { type Stats, statSync } from "node:fs";
import { extname } from "node:path";
import { writeWhole as write } from "@unplugin-paw/disk";
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
  await write(path, content, { signal }).catch((error: Error) => {
    signal?.throwIfAborted();
    throw new WriteError(path, error);
  });
}
