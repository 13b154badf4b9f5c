import { expect, test } from "vitest";
import { crc32 } from "./checksum.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("CRC-32 gives the published check values", () => {
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytes(""))).toBe(0);
  expect(crc32(bytes("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
});

test("CRC-32 in pieces is CRC-32 of the whole", () => {
  expect(crc32(bytes("56789"), crc32(bytes("1234")))).toBe(0xcbf43926);
});
