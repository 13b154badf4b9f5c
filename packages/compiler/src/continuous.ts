import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { type TrainOptions, trainPrefix } from "@unplugin-paw/trainer";
import { dropoutFor } from "./effort.ts";
import { trainingSet } from "./examples.ts";
import type { Material } from "./material.ts";
import type { Shot } from "./prompt.ts";
import type { Random } from "./random.ts";
import { borrowTrainer } from "./trainers.ts";
import { decodeTexts, type Scores, scoreFold, type Validation, validation } from "./validation.ts";

/** What training came to. */
export interface Training {
  /** Each fold's trained prefix. */
  prefixes: KeyValues[];
  validation: Validation;
}

/**
 * The continuous stage: in each fold, trains the prefix on the shown examples, starting from the keys and values that
 * the pseudo-program gives (never from noise; https://arxiv.org/abs/2506.06266), and measures it on the others.
 * Training goes on to the end of its schedule: stopping where the few measured examples did best gave worse programs
 * (docs/benchmarks.md).
 *
 * @param starts each fold's prefix to start from, made without its measured examples
 */
export async function trainContinuous(
  material: Material,
  starts: readonly KeyValues[],
  steps: number,
  random: Random,
  onStep: () => void,
): Promise<Training> {
  const { folds, labels } = material;
  const prefixes: KeyValues[] = [];
  const scores: Scores[] = [];
  for (const [i, fold] of folds.entries()) {
    const prefix = await train(material, starts[i] as KeyValues, fold.shown, { steps, onStep, random });
    prefixes.push(prefix);
    scores.push(await scoreFold(material, fold, prefix));
  }
  const found = validation(material, scores, { bias: false });
  if (!labels) Object.assign(found, await decodeTexts(material, prefixes));
  return { prefixes, validation: found };
}

/** Trains on examples by their numbers. */
export async function train(
  { folds, shots, engine, spec, labels, signal }: Material,
  start: KeyValues,
  examples: Iterable<number>,
  options: TrainOptions,
): Promise<KeyValues> {
  const trainer = await borrowTrainer(engine, labels ? "columns" : "vocabulary");
  const pairs = [...examples].map((i) => shots[i] as Shot);
  return await trainPrefix(trainer, start, trainingSet(engine, spec.contract, pairs, options.random), {
    ...options,
    dropout: dropoutFor({ folds, labels, shots }),
    signal,
  });
}
