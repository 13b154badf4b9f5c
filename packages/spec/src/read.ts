import { readFileSync, statSync } from "node:fs";

/** A file whose content is not read for its size or kind. */
export class UnreadableError extends Error {}

const MAX_FILE_BYTES = 50_000_000;

/** Reads a file of a sane size; devices and pipes could go on for ever. */
export function readRegularFile(path: string): Uint8Array {
  const stat = statSync(path);
  if (stat.isDirectory()) throw new UnreadableError("it is a folder");
  if (!stat.isFile()) throw new UnreadableError("it is not a regular file");
  checkSize(stat.size);
  return readFileSync(path);
}

export function checkSize(bytes: number): void {
  const megabytes = (size: number): string => `${Math.round(size / 1e6)} MB`;
  if (bytes > MAX_FILE_BYTES) {
    throw new UnreadableError(`it has ${megabytes(bytes)}, more than the limit of ${megabytes(MAX_FILE_BYTES)}`);
  }
}

/** Why a file cannot be read, as the end of a sentence. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission is denied";
  if (code === "EISDIR") return "it is a folder";
  return message ?? String(error);
}
