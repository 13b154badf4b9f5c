import type { Verbatim } from "@unplugin-paw/program";
import { calibrate } from "@unplugin-paw/runtime/decode";
import { type Judged, mean } from "./reward.ts";

/**
 * How label scores become probabilities: a bias for each label, if any, then a temperature. Of texts a temperature, and
 * what is expected of them (`verbatim.ts`).
 */
export interface Calibration {
  temperature: number;
  bias?: number[];
  verbatim?: Verbatim;
}

export interface CalibrationOptions {
  /**
   * Whether labels get a bias. Training takes a model's likings away itself; a bias fitted to a few pairs after it is
   * noise.
   */
  bias: boolean;
  /** What a bias is expected to be before any pair is seen; default: none. */
  expected?: readonly number[];
}

/**
 * Standard deviations of the Gaussian priors on a bias and on the temperature's logarithm: few pairs move them little.
 */
const biasDeviation = 1.5;
const temperatureDeviation = 0.5;
/**
 * Far from what any fit finds, and within what a program may have: scores that tell all pairs apart would move both for
 * ever.
 */
const maxBias = 100;
const maxTemperature = 100;
const steps = 200;
const learningRate = 0.5;

/**
 * Fits a bias a label and a temperature to scored pairs: small models prefer some labels whatever the input says
 * (recent, frequent and common ones; https://arxiv.org/abs/2102.09690), and a bias takes that back. Maximum a
 * posteriori by gradient ascent; the problem is convex in the bias, and so small that it takes a millisecond.
 *
 * @param scores log-probabilities, `[pairs][labels]`
 * @param targets the right label of each pair
 * @param options default: with a bias
 */
export function fitCalibration(
  scores: readonly (readonly number[])[],
  targets: readonly number[],
  options: CalibrationOptions = { bias: true },
): Calibration {
  const labels = scores[0]?.length ?? 0;
  const expected = options.expected ?? new Array<number>(labels).fill(0);
  const bias = [...expected];
  let inverse = 1;
  const count = scores.length;
  for (let step = 0; step < steps; step++) {
    const gradient = bias.map((value, i) => ((expected[i] as number) - value) / (biasDeviation ** 2 * count));
    let gradientInverse = -Math.log(inverse) / (temperatureDeviation ** 2 * count);
    for (const [i, row] of scores.entries()) {
      const probabilities = calibrate(row, { temperature: 1 / inverse, bias });
      for (let label = 0; label < labels; label++) {
        const error = Number(label === targets[i]) - (probabilities[label] as number);
        gradient[label] = (gradient[label] as number) + (error * inverse) / count;
        gradientInverse += (error * ((row[label] as number) + (bias[label] as number)) * inverse) / count;
      }
    }
    for (let label = 0; options.bias && label < labels; label++) {
      const moved = (bias[label] as number) + learningRate * (gradient[label] as number);
      bias[label] = Math.max(-maxBias, Math.min(maxBias, moved));
    }
    // The temperature moves in its logarithm, so it stays positive; small steps, as its gradient can be steep.
    inverse *= Math.exp(Math.max(-0.1, Math.min(0.1, 0.2 * learningRate * gradientInverse)));
    inverse = Math.max(1 / maxTemperature, Math.min(maxTemperature, inverse));
  }
  return { temperature: 1 / inverse, ...(options.bias && { bias }) };
}

/**
 * Every pair judged by a calibration fitted to all others (leave-one-out), so that the fit cannot flatter itself.
 * `each`: their log-likelihoods; `probabilities`: of each pair's labels.
 */
export function crossValidate(
  scores: readonly (readonly number[])[],
  targets: readonly number[],
  options?: CalibrationOptions,
): { logLikelihood: number; accuracy: number; each: number[]; probabilities: number[][] } {
  const each: number[] = [];
  const found: number[][] = [];
  let right = 0;
  for (const [i, row] of scores.entries()) {
    const others = fitCalibration(scores.toSpliced(i, 1), targets.toSpliced(i, 1), options);
    const probabilities = calibrate(row, others);
    found.push(probabilities);
    const target = targets[i] as number;
    each.push(Math.log(Math.max(probabilities[target] as number, 1e-12)));
    right += Number(probabilities.indexOf(Math.max(...probabilities)) === target);
  }
  return { logLikelihood: mean(each), accuracy: right / scores.length, each, probabilities: found };
}

/**
 * Where the temperature of texts is expected before any pair is seen: what trained programs need on average
 * (docs/benchmarks.md).
 */
const usualTextTemperature = 1.2;

/**
 * Fits the temperature of answers in text: an answer of probability `p` is right `p ** temperature` of the time. It is
 * the most probable one of some that are evenly spaced in their logarithm.
 *
 * @param answers to pairs that the program was not made from; none: what programs need on average
 */
export function fitTextTemperature(answers: readonly Judged[]): number {
  const usual = Math.log(usualTextTemperature);
  const posterior = (log: number) => {
    const shares = answers.map(({ probability, isRight }) => {
      const share = Math.min(1 - 1e-6, Math.max(1e-6, probability ** Math.exp(log)));
      return Math.log(isRight ? share : 1 - share);
    });
    return shares.reduce((sum, one) => sum + one, -0.5 * ((log - usual) / temperatureDeviation) ** 2);
  };
  const tried = Array.from({ length: 401 }, (_, i) => usual + (i - 200) / 100);
  const found = tried.map(posterior);
  return Math.exp(tried[found.indexOf(Math.max(...found))] as number);
}
