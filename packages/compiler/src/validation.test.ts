import { describe, expect, it } from "vitest";
import { isWorthKeeping, type Validation } from "./validation.ts";

/** Decoded texts: which of them are right. */
const texts = (right: string): Validation => {
  const each = [...right].map(Number);
  return { logLikelihood: -1, each, accuracy: each.filter(Boolean).length / each.length };
};

describe("what a stage came to", () => {
  it.each([
    ["11110000", "11110000", true],
    ["00001111", "11110000", true],
    ["11000000", "11110000", true],
    // Half of what was right before, and nothing new: not by chance.
    ["00000000", "11110000", false],
    ["111111110000000000000000", "111111111111000000000000", false],
  ])("is kept unless it is worse than before by more than chance: %s after %s", (found, before, kept) => {
    expect(isWorthKeeping(texts(found), texts(before))).toBe(kept);
  });

  it("is judged by each pair's likelihood where labels are scored", () => {
    const scored = (each: number[]): Validation => ({ logLikelihood: 0, calibration: { temperature: 1 }, each });
    const before = scored([-0.5, -0.1, -0.9, -0.3]);
    expect(isWorthKeeping(scored([-0.6, -0.05, -1.2, -0.1]), before)).toBe(true);
    expect(isWorthKeeping(scored([-1.5, -1.2, -2, -1.2]), before)).toBe(false);
  });
});
