import { DiskError } from "@unplugin-paw/disk";
import { InterpreterError } from "./errors.ts";

/**
 * Runs work on the user's store. What the disk refuses concerns the user, and no source of the model could mend it: it
 * becomes an
 * `InterpreterError` that ends the work.
 *
 * @throws {InterpreterError} `DISK_FULL`, `STORE_UNWRITABLE`, `STORE_LOCK_LOST`; what `work` throws
 */
export async function inStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const { code, message, hint, cause = error } = error;
    const elsewhere = code === "STORE_LOCK_LOST" ? "" : " Or set PAW_HOME to a folder on another disk.";
    throw new InterpreterError(code, message, hint + elsewhere, { cause });
  }
}
