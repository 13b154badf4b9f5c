import { readRegularSync } from "@unplugin-paw/disk";
import { MAX_BYTES } from "./entry.ts";

/** What a file was like when it was read: while none of this changes, it has the same bytes. */
type State = readonly [inode: bigint, size: bigint, changed: bigint];

/** Bytes of a file, and its state at that moment. */
export interface Reading {
  bytes: Buffer;
  state: State;
}

let shared: Buffer = Buffer.alloc(0);

/**
 * Reads a file into memory that is used again for the next one, so the bytes are good until then. A build that only
 * names its programs' files looks at hundreds of them, and a megabyte that is new to the process costs more than what
 * is done with it here.
 *
 * @throws {UnfitFile} it is no regular file, or larger than any program
 * @throws what the file system says
 */
export function readIntoShared(path: string): Reading {
  return read(path, (size) => {
    if (shared.length < size) shared = Buffer.allocUnsafeSlow(size);
    return shared;
  });
}

/** Reads a file into memory of its own. */
export function readIntoNew(path: string): Reading {
  return read(path, (size) => Buffer.allocUnsafeSlow(size));
}

/** Whether a file was the same both times. */
export function isUnchanged(a: Reading, b: Reading): boolean {
  return a.state.every((value, i) => value === b.state[i]);
}

/** Reads a text: a manifest, which has some kilobytes, and more where there are many tests. */
export function readText(path: string): string {
  return readRegularSync(path, { maxBytes: MAX_BYTES }).bytes.toString();
}

function read(path: string, memory: (size: number) => Buffer): Reading {
  const { bytes, info } = readRegularSync(path, { maxBytes: MAX_BYTES }, memory);
  return { bytes, state: [info.ino, info.size, info.mtimeNs] };
}
