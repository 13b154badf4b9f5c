import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { Adam } from "./adam.ts";
import { batches, type TrainingSet } from "./batches.ts";
import { drawPlaces, pick, putBack } from "./dropout.ts";
import type { Random } from "./random.ts";
import type { Parameter, Trainer } from "./trainer.ts";

/** Highest rate. Keys and values are trained directly, and their numbers are of the order of 1. */
const learningRate = 1e-2;
/**
 * Drift regularisation of closed labels: a number goes this many times the rate of the way back to its start at each
 * step (6 % at the highest rate). Their loss looks at a few tokens only and soon reaches zero. Texts have more to
 * learn, and lose by it.
 */
const labelDecay = 6;
/** Of a batch, padding included. Shorter batches waste time: every step reads all weights. */
const batchTokens = 320;

export interface TrainOptions {
  steps: number;
  /** Share of the prefix's vectors that each step goes without, from 0 to 1. Default 0. */
  dropout?: number;
  onStep: () => void;
  random: Random;
  signal?: AbortSignal | undefined;
}

/** Trains keys and values by gradient through the frozen interpreter. `start` stays as it is. */
export async function trainPrefix(
  trainer: Trainer,
  start: KeyValues,
  set: TrainingSet,
  { steps, dropout = 0, onStep, random, signal }: TrainOptions,
): Promise<KeyValues> {
  const shape = [start.layers, start.heads, start.tokens, start.headSize];
  const keys: Parameter = { shape, data: start.keys.slice() };
  const values: Parameter = { shape, data: start.values.slice() };
  const optimiser = new Adam([keys, values], { learningRate, steps, decay: set.columns ? labelDecay : 0 });
  const source = batches(set, batchTokens, random);
  for (let step = 1; step <= steps; step++) {
    signal?.throwIfAborted();
    const batch = source.next().value;
    const places = drawPlaces(shape, dropout, random);
    const seen = { keys: pick(keys, places), values: pick(values, places) };
    const { gradients } = await trainer.step(batch, seen, start.tokens);
    optimiser.step([gradients.keys, gradients.values].map((gradient) => putBack(gradient as Parameter, places, shape)));
    onStep();
  }
  return { ...start, keys: keys.data, values: values.data };
}
