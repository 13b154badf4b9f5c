import { describe, expect, it } from "vitest";
import { dequantise, float16Table } from "./dequantise.ts";

const one = [0x00, 0x3c];
const half = [0x00, 0x38];
const minusTwo = [0x00, 0xc0];
/** Sixteen bytes whose low halves count up from 0 and whose high halves count down from 15. */
const counting = Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4));
const up = Array.from({ length: 16 }, (_, i) => i);
const down = up.toReversed();

/** At an odd address, as tensors in a file may be. */
function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from([0, ...values]).subarray(1);
}

describe("float16Table", () => {
  it("has every kind of value", () => {
    const table = float16Table();
    const known: [number, number][] = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x7bff, 65504],
      [0xfbff, -65504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
    ];
    for (const [bits, value] of known) expect(table[bits]).toBe(value);
    expect(Object.is(table[0x8000], -0)).toBe(true);
  });
});

describe("dequantise", () => {
  it("Q4_0: scale * (q - 8)", () => {
    const out = dequantise("Q4_0", bytes(...half, ...counting));
    expect([...out]).toEqual([...up, ...down].map((q) => 0.5 * (q - 8)));
  });

  it("Q4_1: scale * q + minimum", () => {
    const out = dequantise("Q4_1", bytes(...half, ...minusTwo, ...counting));
    expect([...out]).toEqual([...up, ...down].map((q) => 0.5 * q - 2));
  });

  it("Q5_0: scale * (q - 16), the fifth bits in order", () => {
    // Fifth bits of values 0, 17 and 31.
    const out = dequantise("Q5_0", bytes(...one, 0x01, 0x00, 0x02, 0x80, ...counting));
    const q = [...up, ...down].map((low, i) => low + ([0, 17, 31].includes(i) ? 16 : 0));
    expect([...out]).toEqual(q.map((q) => q - 16));
  });

  it("Q5_1: scale * q + minimum", () => {
    const out = dequantise("Q5_1", bytes(...one, ...minusTwo, 0xff, 0xff, 0x00, 0x00, ...counting));
    const q = [...up.map((low) => low + 16), ...down];
    expect([...out]).toEqual(q.map((q) => q - 2));
  });

  it("Q8_0: scale * signed byte", () => {
    const q = Array.from({ length: 32 }, (_, i) => [-128, -1, 0, 127][i % 4] as number);
    const out = dequantise("Q8_0", bytes(...half, ...q.map((q) => q & 255)));
    expect([...out]).toEqual(q.map((q) => q / 2));
  });

  it("Q4_K: scale * factor * q - minimum * factor, in runs of 32", () => {
    // Factors of the eight runs and of their minima, 6 bits each; the upper two bits of the last four lie above the
    // first four.
    const factors = [1, 2, 63, 0, 16, 33, 50, 63];
    const minima = [0, 5, 63, 1, 0, 63, 17, 32];
    const packed = [
      ...factors.slice(0, 4).map((factor, i) => factor | (((factors[i + 4] as number) >> 4) << 6)),
      ...minima.slice(0, 4).map((factor, i) => factor | (((minima[i + 4] as number) >> 4) << 6)),
      ...factors.slice(4).map((factor, i) => (factor & 15) | (((minima[i + 4] as number) & 15) << 4)),
    ];
    // Two runs share 32 bytes: the first has the low halves.
    const run = Array.from({ length: 32 }, (_, i) => (i % 16) | ((15 - (i % 16)) << 4));
    const out = dequantise("Q4_K", bytes(...half, ...minusTwo, ...packed, ...run, ...run, ...run, ...run));
    const expected = factors.flatMap((factor, i) =>
      Array.from({ length: 32 }, (_, j) => 0.5 * factor * (i % 2 ? 15 - (j % 16) : j % 16) + 2 * (minima[i] as number)),
    );
    expect([...out]).toEqual(expected);
  });

  it("Q6_K: scale * factor * (q - 32), in runs of 16", () => {
    const factors = [1, -1, 127, -128, 2, 3, 4, 5, -6, 7, 8, 9, 10, 11, 12, 0];
    const q = Array.from({ length: 256 }, (_, i) => (i * 7 + (i >> 6)) % 64);
    // Of each half of the block: 64 bytes with the lower bits of values 0 to 63 and 64 to 127, 32 with the upper bits
    // of four values.
    const lower = [0, 128].flatMap((o) =>
      Array.from({ length: 64 }, (_, i) => ((q[o + i] as number) & 15) | (((q[o + 64 + i] as number) & 15) << 4)),
    );
    const upper = [0, 128].flatMap((o) =>
      Array.from({ length: 32 }, (_, i) =>
        [0, 1, 2, 3].reduce((byte, part) => byte | (((q[o + 32 * part + i] as number) >> 4) << (2 * part)), 0),
      ),
    );
    const out = dequantise("Q6_K", bytes(...lower, ...upper, ...factors.map((factor) => factor & 255), ...half));
    expect([...out]).toEqual(q.map((q, i) => 0.5 * (factors[i >> 4] as number) * (q - 32)));
  });

  it("F16, BF16, F32", () => {
    expect([...dequantise("F16", bytes(...one, ...minusTwo))]).toEqual([1, -2]);
    expect([...dequantise("BF16", bytes(0x80, 0x3f, 0x20, 0xc0))]).toEqual([1, -2.5]);
    expect([...dequantise("F32", bytes(0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0))]).toEqual([1, -2.5]);
  });

  it("many blocks, one after the other", () => {
    const block = [...one, ...counting];
    const out = dequantise("Q4_0", bytes(...block, ...half, ...counting, ...block));
    expect(out.length).toBe(96);
    expect([out[0], out[32], out[64], out[95]]).toEqual([-8, -4, -8, -8]);
  });

  it("refuses half a block", () => {
    expect(() => dequantise("Q4_1", new Uint8Array(30))).toThrow("not a whole number of Q4_1 blocks");
  });
});
