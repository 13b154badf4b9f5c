import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

// The one way to read a file that somebody else may have put there: a shared cache, a repository, a store, a temporary
// folder. A pipe blocks whoever opens it and cannot be given up, /dev/zero never ends, and a tape rewinds. So: nothing
// but a regular file, of a size that was asked for, opened without waiting, and judged by what was opened, not by what
// its name was a moment ago.
//
// Symbolic links are followed, unless told otherwise: package managers and build sandboxes make trees of them, and what
// counts is what lies at their end. Whatever is read is checked by a digest before it is believed, and no message shows
// what it says.

/** What a file must be to be read. */
export interface ReadLimits {
  /** Most bytes. */
  maxBytes: number;
  /** Whether the path itself may be a symbolic link; default: yes. (Folders on the way may always be.) */
  follow?: boolean;
}

/** A file that is there and is not one to read; `message` goes on from its name. */
export class UnfitFile extends Error {
  override readonly name = "UnfitFile";
}

// (Windows has neither of the two, and no pipes among its files.)
const NONBLOCK = constants.O_NONBLOCK ?? 0;
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const PIECE = 2 ** 22;

function flagsOf({ follow = true }: ReadLimits): number {
  return constants.O_RDONLY | NONBLOCK | (follow ? 0 : NOFOLLOW);
}

function check(info: Pick<BigIntStats, "isFile" | "isDirectory" | "isFIFO" | "size">, { maxBytes }: ReadLimits): void {
  if (!info.isFile()) {
    const what = info.isDirectory() ? "a folder" : info.isFIFO() ? "a pipe" : "a device, a socket or a link";
    throw new UnfitFile(`it is ${what}, not a file`);
  }
  if (info.size > BigInt(maxBytes)) {
    throw new UnfitFile(
      `it has ${info.size.toLocaleString("en")} bytes, and may have ${maxBytes.toLocaleString("en")}`,
    );
  }
}

/** A file's bytes, and what the file system said of it. */
export interface RegularFile {
  bytes: Buffer;
  info: BigIntStats;
}

/**
 * Reads a file at once. For small files, and those on this machine's own disk.
 *
 * @param memory where the bytes go; default: memory of their own
 * @throws {UnfitFile} it is no regular file, or too large
 * @throws the file system's error
 * @example
 * readRegularSync("cache/mood-0123456789abcdef/program.json", { maxBytes: 2 ** 24 }).bytes.toString();
 */
export function readRegularSync(
  path: string,
  limits: ReadLimits,
  memory: (size: number) => Buffer = Buffer.allocUnsafeSlow,
): RegularFile {
  // (Opening alone does something to some devices.)
  check(limits.follow === false ? lstatSync(path, { bigint: true }) : statSync(path, { bigint: true }), limits);
  const file = openSync(path, flagsOf(limits));
  try {
    const info = fstatSync(file, { bigint: true });
    check(info, limits);
    const size = Number(info.size);
    const buffer = memory(size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read) {
      read = readSync(file, buffer, length, size - length, length);
    }
    return { bytes: buffer.subarray(0, length), info };
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a file to be read in pieces.
 *
 * @throws as {@link readRegularSync}
 */
export async function openRegular(path: string, limits: ReadLimits): Promise<FileHandle> {
  check(limits.follow === false ? lstatSync(path, { bigint: true }) : await stat(path, { bigint: true }), limits);
  const file = await open(path, flagsOf(limits));
  try {
    check(await file.stat({ bigint: true }), limits);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads a file piece by piece, so that it can be cancelled: for what may lie on another machine's disk.
 *
 * @throws as {@link readRegularSync}; the signal's reason
 * @example
 * await readRegular("/mnt/shared/cache/0123", { maxBytes: 2 ** 26, signal });
 */
export async function readRegular(
  path: string,
  { signal, ...limits }: ReadLimits & { signal?: AbortSignal },
): Promise<Buffer> {
  const file = await openRegular(path, limits);
  try {
    const size = (await file.stat()).size;
    const buffer = Buffer.allocUnsafeSlow(size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read) {
      signal?.throwIfAborted();
      read = (await file.read(buffer, length, Math.min(PIECE, size - length), length)).bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}
