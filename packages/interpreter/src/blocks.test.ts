import { describe, expect, it } from "vitest";
import { blockWeight, unblock } from "./blocks.ts";
import { dequantise, float16Table, type TensorType, tensorTypes } from "./dequantise.ts";

/** Whole blocks of random codes with scales that are ordinary numbers. */
function randomBlocks(type: TensorType, blocks: number): Uint8Array {
  const { bytes } = tensorTypes[type];
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const out = Uint8Array.from({ length: blocks * bytes }, next);
  const halves = type === "Q4_1" || type === "Q4_K" ? 2 : 1;
  for (let b = 0; b < blocks; b++) {
    // The upper byte of each float16: exponents of numbers between 0.001 and 1.
    for (let i = 0; i < halves; i++) out[b * bytes + 2 * i + 1] = 0x18 + (next() % 32) + (i === 1 ? 0x80 : 0);
  }
  return out;
}

describe("the run graph's blocks", () => {
  it.each(["Q4_0", "Q4_1", "Q8_0"] as const)("hold every value of %s exactly", (type) => {
    const bytes = randomBlocks(type, 12);
    const weight = blockWeight(type, bytes, [4, 96]);
    expect(unblock(weight, float16Table())).toEqual(dequantise(type, bytes));
  });

  it("keep the codes of Q4_K, and round its scales and minima to float16", () => {
    const bytes = randomBlocks("Q4_K", 6);
    const exact = dequantise("Q4_K", bytes);
    const found = unblock(blockWeight("Q4_K", bytes, [2, 768]), float16Table());
    for (let block = 0; block < exact.length; block += 32) {
      const largest = exact.subarray(block, block + 32).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (let i = block; i < block + 32; i++) {
        expect(Math.abs((found[i] as number) - (exact[i] as number))).toBeLessThanOrEqual(largest * 2 ** -9 + 2 ** -20);
      }
    }
  });

  it("round other encodings to 8 bits, within half a step", () => {
    const values = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i) * (i < 32 ? 0.01 : 2));
    const found = unblock(blockWeight("F32", new Uint8Array(values.buffer), [1, 96]), float16Table());
    for (let i = 0; i < 96; i++) {
      const largest = i < 32 ? 0.01 : 2;
      expect(Math.abs((found[i] as number) - (values[i] as number))).toBeLessThan(
        (0.51 * largest) / 127 + largest * 2 ** -10,
      );
    }
  });
});
