import { describe, expect, it } from "vitest";
import { coverages, thresholdFor } from "./abstention.ts";
import { seededRandom } from "./random.ts";
import { type Judged, mean } from "./reward.ts";

/** Answers that are right as often as a function of their probability says. */
function answersOf(count: number, rightness: (probability: number) => number, seed = 1): Judged[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const probability = 0.5 + random() / 2;
    return { probability, isRight: random() < rightness(probability) };
  });
}

const precisionAt = (answers: readonly Judged[], threshold: number) => coverages(answers, [threshold])[0]?.precision;

describe("the threshold of a precision", () => {
  it("holds what it promises, of probabilities that are true", () => {
    const future = answersOf(20_000, (probability) => probability, 99);
    const found = Array.from({ length: 20 }, (_, seed) => {
      const threshold = thresholdFor(
        answersOf(60, (probability) => probability, seed + 1),
        0.9,
      );
      return precisionAt(future, threshold) as number;
    });
    // What 60 answers can tell: some are more careful than they need be.
    expect(Math.min(...found)).toBeGreaterThan(0.82);
    expect(mean(found)).toBeGreaterThan(0.89);
    expect(mean(found)).toBeLessThan(0.95);
  });

  it("holds it where the function is too sure of itself", () => {
    const vain = (probability: number) => 0.5 + (probability - 0.5) * 0.9;
    const future = answersOf(20_000, vain, 99);
    const found = Array.from({ length: 10 }, (_, seed) =>
      precisionAt(future, thresholdFor(answersOf(200, vain, seed + 1), 0.85)),
    );
    for (const precision of found) expect(precision ?? 1).toBeGreaterThan(0.81);
  });

  it("answers everything where everything is right enough, and nothing where nothing is", () => {
    const sure = Array.from({ length: 40 }, () => ({ probability: 0.97, isRight: true }));
    expect(coverages(sure, [thresholdFor(sure, 0.9)])).toMatchObject([{ coverage: 1, precision: 1 }]);
    const guesses = Array.from({ length: 40 }, (_, i) => ({ probability: 0.9, isRight: i % 2 === 0 }));
    expect(coverages(guesses, [thresholdFor(guesses, 0.9)])).toMatchObject([{ coverage: 0, precision: null }]);
  });
});
