import { askedPrecision, type Coverage } from "@unplugin-paw/program";
import { sigmoid } from "@unplugin-paw/runtime/decode";
import type { Spec } from "@unplugin-paw/spec";
import { CompileError } from "./errors.ts";
import type { Judged } from "./reward.ts";
import type { Validation } from "./validation.ts";

/** What a table of coverage has a line for, beside the threshold that was chosen. */
const usual = [0, 0.5, 0.7, 0.8, 0.9, 0.95];

/**
 * Where a spec asks for a precision, the threshold for it, and what it costs; else undefined.
 *
 * @throws {CompileError} `UNMEASURED`
 */
export function abstentionOf(
  { id, contract, examples }: Spec,
  validation: Validation | null,
): { threshold: number; coverage: Coverage[] } | undefined {
  const precision = askedPrecision(contract);
  if (precision === undefined) return undefined;
  const answers = validation?.answers;
  if (!answers) {
    const count = examples.length === 1 ? "one example" : `${examples.length || "no"} examples`;
    throw new CompileError(
      "UNMEASURED",
      `\`abstain\` asks for a precision, which is measured on examples; the spec has ${count}.`,
      "Give at least 24 examples of real inputs, or a probability instead: `abstain: 0.8`.",
      { file: id, line: 1, column: 1 },
    );
  }
  const threshold = thresholdFor(answers, precision);
  const thresholds = [...new Set([...usual, threshold])].sort((a, b) => a - b);
  return { threshold, coverage: coverages(answers, thresholds) };
}

/** Standard deviations of the Gaussian priors on how probabilities are bent: few answers move them little. */
const slopeDeviation = 0.5;
const offsetDeviation = 1;
const steps = 500;

/**
 * The probability from which on a share of the answers is right. A few dozen answers cannot be counted for that (of ten
 * that are all right the next may be wrong), so a curve is fitted to them that says how often an answer of a
 * probability is right, starting from what the probabilities say themselves; then the answers at and above the
 * threshold are right often enough on the curve's average.
 *
 * @param precision 0 to 1
 * @returns 0 to 1; at 1 it answers nothing
 */
export function thresholdFor(answers: readonly Judged[], precision: number): number {
  const curve = rightness(answers);
  const sorted = answers.map(({ probability }) => probability).sort((a, b) => b - a);
  let sum = 0;
  let threshold: number | undefined;
  for (const [i, probability] of sorted.entries()) {
    sum += curve(probability);
    if (sum / (i + 1) >= precision) threshold = probability;
  }
  if (threshold !== undefined) return threshold;
  // None of these; perhaps an answer that is surer than they are.
  let [low, high] = [sorted[0] ?? 0, 1];
  for (let halving = 0; halving < 30; halving++) {
    const middle = (low + high) / 2;
    if (curve(middle) >= precision) high = middle;
    else low = middle;
  }
  return high;
}

/** How a function does at some thresholds. */
export function coverages(answers: readonly Judged[], thresholds: readonly number[]): Coverage[] {
  return thresholds.map((threshold) => {
    const given = answers.filter(({ probability }) => probability >= threshold);
    const right = given.filter(({ isRight }) => isRight).length;
    return {
      threshold,
      coverage: given.length / answers.length,
      precision: given.length === 0 ? null : right / given.length,
    };
  });
}

const logit = (probability: number) => {
  const within = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(within / (1 - within));
};

/** How often an answer of a probability is right: logistic in its logit, maximum a posteriori. */
function rightness(answers: readonly Judged[]): (probability: number) => number {
  let [slope, offset] = [1, 0];
  for (let step = 0; step < steps; step++) {
    let slopeGradient = (1 - slope) / slopeDeviation ** 2;
    let offsetGradient = -offset / offsetDeviation ** 2;
    // The second derivatives' sizes: Newton's steps, each variable by itself.
    let [slopeCurvature, offsetCurvature] = [1 / slopeDeviation ** 2, 1 / offsetDeviation ** 2];
    for (const { probability, isRight } of answers) {
      const x = logit(probability);
      const share = sigmoid(slope * x + offset);
      slopeGradient += (Number(isRight) - share) * x;
      offsetGradient += Number(isRight) - share;
      slopeCurvature += share * (1 - share) * x * x;
      offsetCurvature += share * (1 - share);
    }
    slope += (0.5 * slopeGradient) / slopeCurvature;
    offset += (0.5 * offsetGradient) / offsetCurvature;
  }
  return (probability) => sigmoid(slope * logit(probability) + offset);
}
