import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { trainingSet } from "./examples.ts";
import type { Material } from "./material.ts";
import type { Shot } from "./prompt.ts";
import type { Random } from "./random.ts";
import type { Fold } from "./split.ts";
import { type TrainOptions, trainPrefix } from "./train.ts";
import { borrowTrainer } from "./trainers.ts";
import { type Scores, scoreFold, textAccuracy, type Validation, validation } from "./validation.ts";

/** How often a training is validated: more often costs time, more seldom misses the best moment. */
const checks = 5;
/** Checks in a row that may be worse than the best before a training is given up. */
const patience = 2;
/** Of a refit: its share of the steps of the training before, and of the highest rate. */
const gentle = { steps: 0.3, rate: 0.5 };

export interface Trained {
  prefix: KeyValues;
  validation: Validation;
  /** False where training did not help: `prefix` and `validation` are those of the start. */
  kept: boolean;
  /** The training's own best validation. */
  own: Validation;
}

/**
 * The continuous stage: trains the prefix on the shown examples, starting from the keys and values that the pseudo-program gives
 * (never from noise; https://arxiv.org/abs/2506.06266), and keeps the moment that does best on the measured ones.
 *
 * With one fold that moment's prefix is the result. With several, each fold says how its own training went; the moment that is best
 * over all folds is chosen, and the result is trained for so long on all examples.
 *
 * @param start the prefix to start from: of a fold, without its measured examples; without a fold, of the program
 * @param before how the start does on the measured examples
 */
export async function trainContinuous(
  material: Material,
  start: (fold?: Fold) => Promise<KeyValues>,
  before: Validation,
  steps: number,
  random: Random,
  onStep: (done: number, total: number) => void,
): Promise<Trained> {
  const { folds, shots, labels } = material;
  const single = folds.length === 1;
  const total = steps * (single ? 1 : folds.length + 1);
  let done = 0;
  const count = () => onStep(++done, total);

  // Of each check: every fold's prefix and scores. Check 0 is the start.
  const seen = Array.from({ length: checks + 1 }, () => ({ prefixes: [] as KeyValues[], scores: [] as Scores[] }));
  const validations: Validation[] = [before];
  /** The best check from `first` on. */
  const best = (first = 0) => {
    const likelihoods = validations.slice(first).map(({ logLikelihood }) => logLikelihood);
    return first + likelihoods.indexOf(Math.max(...likelihoods));
  };
  for (const fold of folds) {
    const onCheck = async (prefix: KeyValues, check: number) => {
      const { prefixes, scores } = seen[check] as (typeof seen)[number];
      prefixes.push(prefix);
      scores.push(await scoreFold(material, fold, prefix));
      if (scores.length === folds.length) validations[check] = validation(material, scores, { bias: false });
      // Folds are compared at the same moments, so only a single one may stop early.
      return single && check - best() >= patience;
    };
    await train(material, await start(fold), fold.shown, { steps, checks, onCheck, onStep: count, random });
  }

  const check = best(1);
  const own = validations[check] as Validation;
  const { prefixes } = seen[check] as (typeof seen)[number];
  if (!labels) own.accuracy = await textAccuracy(material, prefixes);
  if (best() === 0) return { prefix: await start(), validation: before, kept: false, own };
  if (single) return { prefix: prefixes[0] as KeyValues, validation: own, kept: true, own };
  let prefix = await start();
  const onCheck = async (trained: KeyValues, now: number) => {
    prefix = trained;
    return now === check;
  };
  await train(material, prefix, shots.keys(), { steps, checks, onCheck, onStep: count, random });
  return { prefix, validation: own, kept: true, own };
}

/**
 * Trains a chosen prefix on for some gentle steps, on all examples: when nothing is left to be chosen, the measured ones may be learned
 * from too. Examples are few, and a third more of them is worth several points.
 */
export async function refit(
  material: Material,
  start: KeyValues,
  steps: number,
  random: Random,
  onStep: (done: number, total: number) => void,
): Promise<KeyValues> {
  const total = Math.round(gentle.steps * steps);
  let [prefix, done] = [start, 0];
  await train(material, start, material.shots.keys(), {
    steps: total,
    rate: gentle.rate,
    checks: 1,
    onCheck: async (trained) => {
      prefix = trained;
      return true;
    },
    onStep: () => onStep(++done, total),
    random,
  });
  return prefix;
}

/** Trains on examples by their numbers. */
async function train(
  { shots, engine, spec, labels, signal }: Material,
  start: KeyValues,
  examples: Iterable<number>,
  options: TrainOptions,
): Promise<void> {
  const trainer = await borrowTrainer(engine, labels ? "columns" : "vocabulary");
  const pairs = [...examples].map((i) => shots[i] as Shot);
  await trainPrefix(trainer, start, trainingSet(engine, spec.contract, pairs), { ...options, signal });
}
