// A checksum finds damage, not forgery; decoding is synchronous, so the platform's digests (all asynchronous) are out.

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** CRC-32 (IEEE 802.3, as zip and PNG use it); pass the result for one piece to go on with the next. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  let rest = ~crc;
  for (const byte of bytes) rest = (table[(rest ^ byte) & 0xff] as number) ^ (rest >>> 8);
  return ~rest >>> 0;
}

/** How every header starts; the eight hex digits of the checksum follow. */
export const HEADER_START = '{"__metadata__":{"checksum":"';

const first = 8 + HEADER_START.length;
const zeros = new TextEncoder().encode("00000000");

/** The checksum of a whole file, hex: CRC-32 of its bytes with the checksum's own digits read as zeros. */
export function checksum(file: Uint8Array): string {
  const before = crc32(zeros, crc32(file.subarray(0, first)));
  return crc32(file.subarray(first + 8), before)
    .toString(16)
    .padStart(8, "0");
}

/** Writes the checksum into a file whose header begins with {@link HEADER_START}. */
export function seal(file: Uint8Array): Uint8Array {
  file.set(new TextEncoder().encode(checksum(file)), first);
  return file;
}
