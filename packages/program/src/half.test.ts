import { expect, test } from "vitest";
import { fromHalf, toHalf } from "./half.ts";

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
])("%d is %i both ways", (value, half) => {
  expect(toHalf(value)).toBe(half);
  expect(fromHalf(half)).toBe(Math.abs(value - 1 / 3) < 1e-9 ? 0.333251953125 : value);
});

test.each([
  [1 + 2 ** -11, 0x3c00, "a tie goes to the even neighbour below"],
  [1 + 3 * 2 ** -11, 0x3c02, "a tie goes to the even neighbour above"],
  [1 + 2 ** -11 + 2 ** -20, 0x3c01, "just over a tie goes up"],
  [2 - 2 ** -12, 0x4000, "a carry goes into the exponent"],
  [65519, 0x7bff, "the last number before infinity"],
  [65520, 0x7c00, "the first that is infinity"],
  [1e30, 0x7c00, "far over the range"],
  [2 ** -25, 0x0000, "half the smallest subnormal is a tie with zero"],
  [2 ** -25 * (1 + 2 ** -23), 0x0001, "just over half the smallest subnormal"],
  [3 * 2 ** -25, 0x0002, "a tie among subnormals"],
  [2 ** -14 - 2 ** -26, 0x0400, "the largest subnormal rounds into the normals"],
  [1e-40, 0x0000, "a float32 subnormal"],
  [-1e-40, 0x8000, "a negative one keeps its sign"],
])("%d rounds to %i: %s", (value, half) => {
  expect(toHalf(value)).toBe(half);
});

test("NaN stays NaN", () => {
  expect(toHalf(Number.NaN) & 0x7fff).toBeGreaterThan(0x7c00);
  expect(fromHalf(0x7e00)).toBeNaN();
  expect(fromHalf(0xfc01)).toBeNaN();
});

test("every f16 except NaN survives the way to a number and back", () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = fromHalf(half);
    if (!Number.isNaN(value)) expect(toHalf(value)).toBe(half);
  }
});

test("the chosen f16 is the nearest of all, for float32 numbers of every size", () => {
  let state = 1;
  for (let i = 0; i < 20_000; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = Math.fround((state / 2 ** 32 + 0.5) * 2 ** ((state % 41) - 25));
    if (value >= 65504) continue;
    const half = toHalf(value);
    const error = Math.abs(fromHalf(half) - value);
    expect(error).toBeLessThanOrEqual(Math.abs(fromHalf(half + 1) - value));
    if (half > 0) expect(error).toBeLessThanOrEqual(Math.abs(fromHalf(half - 1) - value));
  }
});
