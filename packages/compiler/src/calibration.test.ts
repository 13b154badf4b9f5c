import { calibrate } from "@unplugin-paw/runtime/decode";
import { describe, expect, it } from "vitest";
import { crossValidate, fitCalibration, fitTextTemperature } from "./calibration.ts";
import { gumbel, seededRandom } from "./random.ts";

/** Scores that know the target but lean to label 0 by `lean`. */
function leaning(count: number, lean: number): { scores: number[][]; targets: number[] } {
  const random = seededRandom(9);
  const targets = Array.from({ length: count }, (_, i) => i % 3);
  const scores = targets.map((target) =>
    [0, 1, 2].map((label) => Number(label === target) * 2 + Number(label === 0) * lean + 0.3 * gumbel(random)),
  );
  return { scores, targets };
}

const accuracy = (scores: number[][], targets: number[], calibration: { temperature: number; bias?: number[] }) =>
  scores.filter((row, i) => {
    const probabilities = calibrate(row, calibration);
    return probabilities.indexOf(Math.max(...probabilities)) === targets[i];
  }).length / scores.length;

describe("calibration", () => {
  it("takes back a model's liking for a label", () => {
    const { scores, targets } = leaning(60, 5);
    expect(accuracy(scores, targets, { temperature: 1 })).toBeLessThan(0.5);
    const fitted = fitCalibration(scores, targets);
    expect(accuracy(scores, targets, fitted)).toBeGreaterThan(0.9);
    expect(fitted.bias?.[0]).toBeLessThan((fitted.bias?.[1] as number) - 2);
    // Held-out pairs agree.
    const other = leaning(90, 5);
    expect(accuracy(other.scores, other.targets, fitted)).toBeGreaterThan(0.9);
  });

  it("makes an overconfident model less sure", () => {
    const targets = Array.from({ length: 40 }, (_, i) => i % 2);
    // Always very sure, right three times out of four.
    const scores = targets.map((target, i) => [0, 1].map((label) => ((label === target) === i % 8 < 6 ? 0 : -12)));
    expect(fitCalibration(scores, targets).temperature).toBeGreaterThan(2);
  });

  it("leaves labels as they are where no bias is wanted", () => {
    const { scores, targets } = leaning(60, 5);
    const fitted = fitCalibration(scores, targets, { bias: false });
    expect(fitted).toEqual({ temperature: expect.any(Number) });
    expect(accuracy(scores, targets, fitted)).toBe(accuracy(scores, targets, { temperature: 1 }));
  });

  it("judges a pair by the others: noise is not learned", () => {
    const random = seededRandom(3);
    const targets = Array.from({ length: 24 }, () => Math.floor(random() * 2));
    const scores = targets.map(() => [gumbel(random), gumbel(random)]);
    expect(crossValidate(scores, targets).accuracy).toBeLessThan(0.75);
  });
});

describe("the temperature of texts", () => {
  const answers = (probability: number, right: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ probability, isRight: i < right }));

  it("makes answers as probable as they are right, where there are enough of them", () => {
    for (const probability of [0.9, 0.3, 0.6]) {
      const temperature = fitTextTemperature(answers(probability, 60, 100));
      expect(probability ** temperature).toBeCloseTo(0.6, 1);
    }
  });

  it("moves little for a few, and is what programs need on average without any", () => {
    const usual = fitTextTemperature([]);
    const few = fitTextTemperature(answers(0.9, 1, 3));
    const many = fitTextTemperature(answers(0.9, 100, 300));
    expect(few).toBeGreaterThan(usual);
    expect(many).toBeGreaterThan(few);
  });

  it("stays within what a program may have, whatever the answers were", () => {
    for (const probability of [0, 1]) {
      for (const right of [0, 24]) {
        const temperature = fitTextTemperature(answers(probability, right, 24));
        expect(temperature).toBeGreaterThan(0.001);
        expect(temperature).toBeLessThan(1000);
      }
    }
  });
});
