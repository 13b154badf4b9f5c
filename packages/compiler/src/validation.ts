import type { KeyValues } from "@unplugin-paw/interpreter/session";
import type { Head } from "@unplugin-paw/program";
import type { Scored } from "@unplugin-paw/runtime/decode";
import { type Calibration, type CalibrationOptions, crossValidate, fitCalibration } from "./calibration.ts";
import { type Material, measuredPairs } from "./material.ts";
import { type Judged, judgeTexts, labelScores, mean, textLikelihoods } from "./reward.ts";
import type { Fold } from "./split.ts";

/** How a program does on pairs that it was not made from. */
export interface Validation {
  /**
   * What choices are made by, a natural logarithm. Of labels: the mean log-likelihood of the right ones. Of texts: the
   * logarithm of their tokens' probability, which is averaged before the logarithm, as one strange example would
   * otherwise outweigh all others.
   */
  logLikelihood: number;
  /** Share answered exactly; of texts, which have to be decoded, undefined until {@link decodeTexts} did so. */
  accuracy?: number;
  /** Of closed labels. */
  calibration?: Calibration;
  /** Of closed labels and of decoded texts: how sure each answer was, and whether it was right. */
  answers?: Judged[];
  /** Of each pair, in the folds' order: with closed labels its log-likelihood; of decoded texts 1 where right, else 0. */
  each?: number[];
}

/**
 * By what was answered right where both were decoded, as texts are when it matters; else, and where that is equal, by
 * likelihood.
 */
export function isBetter(a: Validation, b: Validation): boolean {
  const decoded = a.calibration === undefined && a.accuracy !== undefined && b.accuracy !== undefined;
  if (decoded && a.accuracy !== b.accuracy) return (a.accuracy ?? 0) > (b.accuracy ?? 0);
  return a.logLikelihood > b.logLikelihood;
}

/** Scores of a fold's pairs: of each the log-likelihood of its text, or what it makes of all labels. */
export type Scores = number[] | Scored[];

/**
 * Whether to keep what helps nearly always, such as training: unless the measured pairs do worse by more than two
 * standard errors of the difference. A few pairs cannot tell less: they once spoke for .67 against the .87 that
 * training came to, and by 1.3 errors against a head that took a program from .85 to .96.
 */
export function isWorthKeeping(found: Validation, before: Validation): boolean {
  if (!found.each || !before.each) return isBetter(found, before);
  const gains = found.each.map((value, i) => value - (before.each?.[i] ?? 0));
  const gain = mean(gains);
  const deviation = Math.sqrt(mean(gains.map((one) => (one - gain) ** 2)));
  return gain >= (-2 * deviation) / Math.sqrt(Math.max(1, gains.length - 1));
}

/**
 * Runs a fold's measured pairs behind a prefix and, of closed labels, with a head, in the graph that will run the
 * program.
 */
export async function scoreFold(material: Material, fold: Fold, prefix: KeyValues, head?: Head): Promise<Scores> {
  const { engine, spec, labels, signal } = material;
  const judge = { engine, contract: spec.contract, prefix, signal };
  const pairs = measuredPairs(material, fold);
  return labels ? await labelScores(judge, pairs, head) : await textLikelihoods(judge, pairs);
}

/** Puts the scores of all folds together, in their order. */
export function validation(
  { folds, shots, labels }: Material,
  scores: readonly Scores[],
  options?: CalibrationOptions,
): Validation {
  if (!labels) return { logLikelihood: Math.log(mean((scores as number[][]).flat().map(Math.exp))) };
  const scored = (scores as Scored[][]).flat();
  const rows = scored.map(({ scores }) => scores);
  const targets = folds.flatMap(({ measured }) => measured.map((i) => labels.indexOf(shots[i]?.output ?? "")));
  const { probabilities, ...found } = crossValidate(rows, targets, options);
  const answers = probabilities.map((row, i): Judged => {
    const highest = Math.max(...row);
    const probability = highest * (scored[i] as Scored).scope;
    return { probability, isRight: row.indexOf(highest) === targets[i] };
  });
  return { ...found, answers, calibration: fitCalibration(rows, targets, options) };
}

/** Decodes the measured texts, each fold's behind its own prefix. */
export async function decodeTexts(
  material: Material,
  prefixes: readonly KeyValues[],
): Promise<Required<Pick<Validation, "accuracy" | "each" | "answers">>> {
  const { engine, spec, folds, signal } = material;
  const answers: Judged[] = [];
  for (const [i, fold] of folds.entries()) {
    const prefix = prefixes[i] as KeyValues;
    const judge = { engine, contract: spec.contract, prefix, signal };
    answers.push(...(await judgeTexts(judge, measuredPairs(material, fold), material)));
  }
  const each = answers.map(({ isRight }) => Number(isRight));
  return { accuracy: mean(each), each, answers };
}
