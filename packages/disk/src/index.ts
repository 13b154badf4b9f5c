export { hashFile, MAX_HASHED, sha256File } from "./digest.ts";
export { DiskError, type DiskErrorCode, diskError, onDisk } from "./errors.ts";
export { withLock } from "./lock.ts";
export { makeOnce, type Once } from "./once.ts";
export {
  openRegular,
  type ReadLimits,
  type RegularFile,
  readRegular,
  readRegularSync,
  UnfitFile,
} from "./regular.ts";
export { LEFTOVER_AGE, sweep } from "./sweep.ts";
export { makeFolder, sync, writeFolder, writeWhole, writeWholeSync } from "./whole.ts";
