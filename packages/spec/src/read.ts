import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** A file whose content is not read for its size or kind. */
export class UnreadableError extends Error {}

/** Most bytes of a data file. */
export const MAX_DATA_BYTES = 50_000_000;
/** Most bytes of a spec: data belongs into data files. */
export const MAX_SPEC_BYTES = 1_048_576;

/** Reads a file of a sane size; devices and pipes could go on for ever, or never begin. */
export function readRegularFile(path: string, limit: number = MAX_DATA_BYTES): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new UnreadableError("it is a folder");
    if (!stat.isFile()) throw new UnreadableError("it is not a regular file");
    checkSize(stat.size, limit);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

export function checkSize(bytes: number, limit: number = MAX_DATA_BYTES): void {
  const megabytes = (size: number): string => `${Math.round(size / 1e6).toLocaleString("en")} MB`;
  if (bytes > limit) {
    throw new UnreadableError(`it has ${megabytes(bytes)}, more than the limit of ${megabytes(limit)}`);
  }
}

/** Why a file cannot be read, as the end of a sentence. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission is denied";
  if (code === "EISDIR") return "it is a folder";
  if (code === "ELOOP") return "its symbolic links go round in a circle";
  if (code === "ENAMETOOLONG") return "its name is too long";
  if (code === "ENXIO" || code === "EOPNOTSUPP") return "it is not a regular file";
  return message ?? String(error);
}
