import { CodedError } from "@unplugin-paw/errors";

/** What the disk refused, for programs; `message` and `hint` are for people. */
export type DiskErrorCode =
  /** No room left. */
  | "DISK_FULL"
  /** A file or folder cannot be made or written. */
  | "STORE_UNWRITABLE"
  /** Another process took a lock while this one worked (a machine that slept, for instance). */
  | "STORE_LOCK_LOST";

/** The disk refused a write that concerns the user. */
export class DiskError extends CodedError<DiskErrorCode> {
  static {
    DiskError.prototype.name = "DiskError";
  }
}

const full = ["ENOSPC", "EDQUOT"];
const unwritable = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"];

/** The error to show for what the file system said about `path`; anything else comes back as it is. */
export function diskError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  if (full.includes(code)) {
    const message = `No room left on the disk while writing ${path}.`;
    return new DiskError("DISK_FULL", message, "Free some space and run again.", { cause: error });
  }
  if (unwritable.includes(code)) {
    const message = `Cannot write ${path} (${code}).`;
    return new DiskError("STORE_UNWRITABLE", message, "Make the folder writable and run again.", { cause: error });
  }
  return error;
}

/**
 * Runs a write, with the errors of {@link diskError}.
 *
 * @throws {DiskError} `DISK_FULL`, `STORE_UNWRITABLE`
 * @example
 * await onDisk("cache/model.gguf", () => rename("cache/model.gguf.partial", "cache/model.gguf"));
 */
export async function onDisk<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw diskError(path, error);
  }
}
