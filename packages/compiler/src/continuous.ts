import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { trainingSet } from "./examples.ts";
import type { Material } from "./material.ts";
import type { Shot } from "./prompt.ts";
import type { Random } from "./random.ts";
import { type TrainOptions, trainPrefix } from "./train.ts";
import { borrowTrainer } from "./trainers.ts";
import { isBetter, type Scores, scoreFold, textAccuracy, type Validation, validation } from "./validation.ts";

/**
 * How often a training is validated. Labels are easily overtrained: the best moment often comes early. Texts are right more often the
 * longer they are trained, though the likelihood of the rest gets worse: they are looked at only in the end.
 */
const labelChecks = 5;
/** Checks in a row that may be worse than the best before a training is given up. */
const patience = 2;

export interface Training {
  /** Steps after which validation was best. 0: training did not help. */
  moment: number;
  /** Of that moment; of the start where training did not help. */
  validation: Validation;
  /** Each fold's prefix at that moment. */
  prefixes: KeyValues[];
  /** The training's own best validation. */
  own: Validation;
}

/**
 * The continuous stage: in each fold, trains the prefix on the shown examples, starting from the keys and values that the
 * pseudo-program gives (never from noise; https://arxiv.org/abs/2506.06266), and finds the moment that does best on the measured ones.
 *
 * @param starts each fold's prefix to start from, made without its measured examples
 * @param before how the starts do on the measured examples
 */
export async function trainContinuous(
  material: Material,
  starts: readonly KeyValues[],
  before: Validation,
  steps: number,
  random: Random,
  onStep: (done: number, total: number) => void,
): Promise<Training> {
  const { folds, labels } = material;
  const checks = labels ? labelChecks : 1;
  const checkAt = Array.from({ length: checks }, (_, i) => Math.round(((i + 1) * steps) / checks));
  let done = 0;
  // Of each check: every fold's prefix and scores. Check 0 is the start.
  const seen = Array.from({ length: checks + 1 }, () => ({ prefixes: [] as KeyValues[], scores: [] as Scores[] }));
  const validations: Validation[] = [before];
  /** The best check from `first` on. */
  const best = (first = 0) => {
    const likelihoods = validations.slice(first).map(({ logLikelihood }) => logLikelihood);
    return first + likelihoods.indexOf(Math.max(...likelihoods));
  };
  for (const [i, fold] of folds.entries()) {
    const onCheck = async (prefix: KeyValues, place: number) => {
      const check = place + 1;
      const { prefixes, scores } = seen[check] as (typeof seen)[number];
      prefixes.push(prefix);
      scores.push(await scoreFold(material, fold, prefix));
      if (scores.length === folds.length) validations[check] = validation(material, scores, { bias: false });
      // Folds are compared at the same moments, so only a single one may stop early.
      return folds.length === 1 && check - best() >= patience;
    };
    const count = () => onStep(++done, steps * folds.length);
    await train(material, starts[i] as KeyValues, fold.shown, { steps, checkAt, onCheck, onStep: count, random });
  }

  const check = best(1);
  const own = validations[check] as Validation;
  const { prefixes } = seen[check] as (typeof seen)[number];
  if (!labels) own.accuracy = await textAccuracy(material, prefixes);
  if (!isBetter(own, before)) return { moment: 0, validation: before, prefixes: [...starts], own };
  return { moment: checkAt[check - 1] as number, validation: own, prefixes, own };
}

/** Trains on examples by their numbers. */
export async function train(
  { shots, engine, spec, labels, signal }: Material,
  start: KeyValues,
  examples: Iterable<number>,
  options: TrainOptions,
): Promise<void> {
  const trainer = await borrowTrainer(engine, labels ? "columns" : "vocabulary");
  const pairs = [...examples].map((i) => shots[i] as Shot);
  await trainPrefix(trainer, start, trainingSet(engine, spec.contract, pairs), { ...options, signal });
}
