import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

// A file or a folder is made under a name that no reader looks for, and then renamed: readers find all of it or
// nothing.

/**
 * Where a file is written first. A name that nobody can guess, so that nobody can put a link there that leads
 * elsewhere.
 */
function partialOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
}

/**
 * Writes a file whole or not at all, in place of a file or link of that name; its folder is made.
 *
 * @throws the file system's error; the signal's reason
 * @example
 * await writeWhole("mood.weights", weights, { signal });
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const partial = partialOf(path);
  try {
    await makeFolder(dirname(path));
    await writeFile(partial, content, { flag: "wx", ...(signal && { signal }) });
    await rename(partial, path);
  } catch (error) {
    // (Where the folder could not be made, there is nothing to remove.)
    await rm(partial, { force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * {@link writeWhole} at once.
 *
 * @param content the content, or a function that makes the file at the path that it is given
 * @throws the file system's error
 * @example
 * writeWholeSync("public/run.onnx", (path) => linkSync(source, path));
 */
export function writeWholeSync(path: string, content: Uint8Array | string | ((partial: string) => void)): void {
  const partial = partialOf(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "function") content(partial);
    else writeFileSync(partial, content, { flag: "wx" });
    renameSync(partial, path);
  } catch (error) {
    try {
      rmSync(partial, { force: true });
    } catch {}
    throw error;
  }
}

/** Whether a folder of this name, beside `folder`, is one that `writeFolder` had begun to make of it. */
export function isPartialOf(folder: string, name: string): boolean {
  const start = `${basename(folder)}.`;
  return name.startsWith(start) && /^\d+\.partial$/.test(name.slice(start.length));
}

/**
 * Makes a folder whole or not at all, in place of what has its name. Only one at a time may make it: see `makeOnce`.
 * Its name until it is whole has the process's number, by which people and `sweep` know what a killed process has left.
 *
 * @param fill puts the files into the folder that it is given, which is empty
 * @throws the file system's error, or what `fill` throws
 * @example
 * await writeFolder("cache/mood-0123", (folder) => writeFile(join(folder, "mood.weights"), weights));
 */
export async function writeFolder(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`;
  try {
    // A folder of our own: where others may write, one that is there already may be a link to anywhere.
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await fill(partial);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * Makes a folder, and those that it lies in. (Node's own way to do that says "no such file" of a disk that is
 * read-only, and below `/proc` it never returns.)
 *
 * @throws the file system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path).catch(async (error) => {
      if (!(await isFolder(path))) throw error;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
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
