import { createHash, type Hash } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InterpreterError } from "./errors.ts";
import { openRegular } from "./regular.ts";

/** Most bytes of a model file: what onnxruntime could not load is not worth an hour of hashing. */
export const MAX_MODEL: number = 2 ** 36;

const full = ["ENOSPC", "EDQUOT"];
const unwritable = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"];

/**
 * Runs a write to the store. What the disk refuses concerns the user and no source could mend it, so it becomes an
 * `InterpreterError` that ends the fetch.
 */
export async function onDisk<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw diskError(path, error);
  }
}

/**
 * Makes a folder, and those that it lies in. (Node's own way to do that says "no such file" of a disk that is read-only, and below `/proc` it
 * never returns.)
 *
 * @throws {InterpreterError} `DISK_FULL`, `STORE_UNWRITABLE`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw diskError(path, error);
    await makeFolder(parent);
    await mkdir(path).catch(async (error) => {
      if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw diskError(path, error);
    });
  }
}

/** The error to show for what the file system said about `path`; anything else comes back as it is. */
export function diskError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  if (full.includes(code)) {
    return new InterpreterError(
      "DISK_FULL",
      `No room left on the disk while writing ${path}.`,
      "Free some space and run again, or set PAW_HOME to a folder on another disk.",
      { cause: error },
    );
  }
  if (unwritable.includes(code)) {
    return new InterpreterError(
      "STORE_UNWRITABLE",
      `Cannot write ${path} (${code}).`,
      "Make the folder writable, or set PAW_HOME to a folder that is.",
      { cause: error },
    );
  }
  return error;
}

/**
 * Feeds a file's bytes to a hash.
 *
 * @throws {UnfitFile} it is no regular file
 * @param onBytes called with the number of bytes hashed so far
 */
export async function hashFile(
  path: string,
  hash: Hash,
  onBytes?: (loaded: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let loaded = 0;
  const file = await openRegular(path, { maxBytes: MAX_MODEL });
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk);
    loaded += chunk.length;
    onBytes?.(loaded);
  }
}

/**
 * SHA-256 of a file, lower-case hexadecimal.
 *
 * @throws the file system's error when the file cannot be read
 * @example
 * await sha256File("model.gguf"); // "b179c952..."
 */
export async function sha256File(
  path: string,
  options: { onBytes?: (loaded: number) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256");
  await hashFile(path, hash, options.onBytes, options.signal);
  return hash.digest("hex");
}

/** Removes what killed processes have left beside a folder that appears whole. The caller holds its lock. */
export async function removePartials(folder: string): Promise<void> {
  const name = basename(folder);
  const left = (await readdir(dirname(folder))).filter((one) => one.startsWith(`${name}.`) && one.endsWith(".partial"));
  for (const one of left) await onDisk(one, () => rm(join(dirname(folder), one), { recursive: true, force: true }));
}

/** Makes a written file survive a power cut. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
