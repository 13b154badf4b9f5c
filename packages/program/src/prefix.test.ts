import { describe, expect, test } from "vitest";
import { decodeProgram, encodeProgram, type Prefix, ProgramError } from "./index.ts";
import { randomNumbers, smallProgram } from "./testing.ts";

/**
 * 256 vectors of the 135M interpreter's shape with what real prefixes are known for: a few key channels 20 times as
 * large for all tokens, values whose size differs by token, and a first token with huge keys and tiny values.
 */
function synthetic(): Prefix {
  const [layers, heads, tokens, headSize] = [30, 3, 256, 64];
  const uniform = randomNumbers(42);
  const normal = () => (uniform() + uniform() + uniform() + uniform()) * Math.sqrt(0.75);
  const keys = new Float32Array(layers * heads * tokens * headSize);
  const values = new Float32Array(keys.length);
  for (let head = 0; head < layers * heads; head++) {
    const channels = Array.from({ length: headSize }, (_, channel) => (channel % 21 === 5 ? 20 : 1));
    for (let token = 0; token < tokens; token++) {
      const size = token === 0 ? 0.01 : 0.3 * 2 ** (1.5 * normal());
      for (let channel = 0; channel < headSize; channel++) {
        const at = (head * tokens + token) * headSize + channel;
        keys[at] = normal() * (channels[channel] as number) * (token === 0 ? 30 : 1);
        values[at] = normal() * size;
      }
    }
  }
  return { layers, heads, tokens, headSize, keys, values };
}

/** Root of the mean square error over that of the signal, a group of numbers at a time: the worst group. */
function worst(actual: Float32Array, expected: Float32Array, group: (index: number) => number): number {
  const error: number[] = [];
  const signal: number[] = [];
  for (let i = 0; i < expected.length; i++) {
    const at = group(i);
    error[at] = (error[at] ?? 0) + ((actual[i] as number) - (expected[i] as number)) ** 2;
    signal[at] = (signal[at] ?? 0) + (expected[i] as number) ** 2;
  }
  return Math.max(...error.map((sum, at) => Math.sqrt(sum / (signal[at] as number))));
}

const roundTrip = (prefix: Prefix, encoding?: "f16" | "i8") => {
  const program = { ...smallProgram(), prefix };
  const file = encodeProgram(program, encoding && { prefix: encoding });
  return { file, prefix: decodeProgram(file).prefix };
};

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("256 vectors of the 135M interpreter's shape", () => {
  const original = synthetic();
  const { tokens, headSize } = original;
  const vector = (i: number) => Math.floor(i / headSize);
  /**
   * A head's channel over all tokens but the first, whose huge keys would hide the others' errors (they share group 0).
   */
  const channel = (i: number) => {
    const head = Math.floor(i / (tokens * headSize));
    return vector(i) % tokens === 0 ? 0 : 1 + head * headSize + (i % headSize);
  };

  test("i8 is the default, under 3,000,000 bytes with metadata, and close for every key channel and every value vector", () => {
    const { file, prefix } = roundTrip(original);
    expect(file.length).toBeLessThan(3_000_000 - 8_000);
    expect(worst(prefix.keys, original.keys, channel)).toBeLessThan(0.01);
    expect(worst(prefix.values, original.values, vector)).toBeLessThan(0.01);
  });

  test("f16 is exact to eleven bits", () => {
    const { prefix } = roundTrip(original, "f16");
    expect(worst(prefix.keys, original.keys, vector)).toBeLessThan(2 ** -11);
    expect(worst(prefix.values, original.values, vector)).toBeLessThan(2 ** -11);
  });

  test("a decoded prefix encodes to the same bytes", () => {
    for (const encoding of ["i8", "f16"] as const) {
      const { file, prefix } = roundTrip(original, encoding);
      expect(same(roundTrip(prefix, encoding).file, file)).toBe(true);
    }
  });
});

function prefixOf(sizes: [number, number, number, number], number: (index: number) => number): Prefix {
  const [layers, heads, tokens, headSize] = sizes;
  const length = layers * heads * tokens * headSize;
  const array = () => Float32Array.from({ length }, (_, index) => number(index));
  return { layers, heads, tokens, headSize, keys: array(), values: array() };
}

test.each<[string, Prefix]>([
  ["one token", prefixOf([2, 3, 1, 4], (i) => i)],
  ["all zeros", prefixOf([1, 1, 5, 4], () => 0)],
  ["numbers under the smallest scale", prefixOf([1, 1, 5, 4], (i) => 1e-6 * i)],
  ["numbers around the smallest scale", prefixOf([1, 2, 9, 8], (i) => 1e-6 * i)],
  ["some zero tokens", prefixOf([1, 2, 6, 4], (i) => (Math.floor(i / 4) % 3 ? Math.sin(i) : 0))],
  ["tokens of very different sizes", prefixOf([1, 1, 12, 4], (i) => Math.cos(i) * 10 ** (Math.floor(i / 4) - 8))],
  ["the largest f16", prefixOf([1, 1, 3, 4], (i) => (i % 2 ? 65504 : -65504))],
])("%s: i8 stays within half a step, and encodes again to the same bytes", (_, original) => {
  const { file, prefix } = roundTrip(original, "i8");
  expect(same(roundTrip(prefix, "i8").file, file)).toBe(true);
  const largest = original.keys.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  // Half a step of 1/127, the scale's own rounding (2^-11), and what counts as zero.
  const bound = largest * (0.5 / 127 + 2 ** -11) + 2 ** -14;
  for (let i = 0; i < original.keys.length; i++) {
    expect(Math.abs((prefix.keys[i] as number) - (original.keys[i] as number))).toBeLessThanOrEqual(bound);
    expect(Math.abs((prefix.values[i] as number) - (original.values[i] as number))).toBeLessThanOrEqual(bound);
  }
});

test("i8 comes back the same for random prefixes of many scales", () => {
  const next = randomNumbers(9);
  for (let round = 0; round < 300; round++) {
    const original = prefixOf([1, 2, 7, 8], () => next() * 2 ** (next() * 12));
    const { file, prefix } = roundTrip(original, "i8");
    expect(same(roundTrip(prefix, "i8").file, file)).toBe(true);
  }
});

test.each<[string, (prefix: Prefix) => Prefix]>([
  ["NaN", (prefix) => ({ ...prefix, keys: prefix.keys.with(9, Number.NaN) })],
  ["infinity", (prefix) => ({ ...prefix, values: prefix.values.with(0, Number.NEGATIVE_INFINITY) })],
  ["a number over f16's range", (prefix) => ({ ...prefix, keys: prefix.keys.with(60, 7e4) })],
  ["a missing number", (prefix) => ({ ...prefix, keys: prefix.keys.subarray(1) })],
  ["no tokens", (prefix) => ({ ...prefix, tokens: 0, keys: new Float32Array(), values: new Float32Array() })],
  ["sizes that do not multiply to the arrays", (prefix) => ({ ...prefix, heads: 2 })],
])("%s is refused when a program is encoded", (_, edit) => {
  const program = smallProgram();
  for (const encoding of ["i8", "f16"] as const) {
    const encode = () => encodeProgram({ ...program, prefix: edit(program.prefix) }, { prefix: encoding });
    expect(encode).toThrow(ProgramError);
    expect(encode).toThrow(expect.objectContaining({ code: "value" }));
  }
});
