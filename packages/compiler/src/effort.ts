import type { Effort } from "@unplugin-paw/programs";
import type { Material } from "./material.ts";

/** What an effort buys. The numbers were chosen by measurement: docs/benchmarks.md. */
export interface Plan {
  /** Vectors of the discrete stage's prefix, unless the instructions alone take more. */
  promptTokens: number;
  /** Candidates of the discrete stage are compared within a group; the policy moves after each. */
  groups: number;
  groupSize: number;
  /** Steps of the last training of up to {@link fewPairs} pairs; 0 = none. */
  steps: number;
  /** Candidates of the joint stage; 0 = no such stage. */
  additions: number;
  /** Vectors of the joint stage's prefix. */
  jointTokens: number;
}

/** 240 vectors make 2.8 MB, which leaves room for a head of 30 labels: a program should take 3 MB at most. */
export const plans: Record<Effort, Plan> = {
  draft: { promptTokens: 128, groups: 1, groupSize: 1, steps: 0, additions: 0, jointTokens: 0 },
  standard: { promptTokens: 128, groups: 1, groupSize: 8, steps: 32, additions: 0, jointTokens: 0 },
  thorough: { promptTokens: 192, groups: 3, groupSize: 8, steps: 60, additions: 4, jointTokens: 240 },
};

/** What the steps of a plan were chosen with. */
const fewPairs = 32;

/** What a compile's training goes by. */
type ToLearn = Pick<Material, "folds" | "labels" | "shots">;

/** Steps of each training of a compile. */
export interface Steps {
  /** Of each fold, whose program is measured. */
  fold: number;
  /** Of the joint stage, in its fold and again in the refit. */
  joint: number;
  /** Of the refit on all examples, whose program ships. */
  refit: number;
}

/**
 * Steps of training for so many pairs: more to learn takes longer, though not as much longer (docs/benchmarks.md: 96
 * pairs with the steps of 32 were learned worse than the 32 alone). Several folds are small trainings, the refit too. A
 * single fold of labels, whose program is only measured, takes half of the refit's; that of texts is what the refit goes
 * on from, and takes as many.
 */
export function stepsFor({ steps }: Plan, { folds, labels, shots }: ToLearn): Steps {
  const enough = Math.round(steps * Math.sqrt(Math.max(1, shots.length / fewPairs)));
  const half = Math.round(enough / 2);
  const single = folds.length === 1;
  return { fold: single && !labels ? enough : half, joint: enough, refit: single ? enough : half };
}

const textDropout = 0.3;
/** From so many examples on there is no dropout: 32 gain by it, 64 lose. */
const plenty = 48;

/**
 * Share of the prefix that a step goes without, where texts are learned from some dozens of examples. Without it 24 are
 * known by heart after 16 steps, and the rest brings nothing. Where there are fewer, training is over by then, where
 * there are more, they are not; and labels are pulled back to their start (docs/benchmarks.md).
 */
export function dropoutFor({ folds, labels, shots }: ToLearn): number {
  return folds.length === 1 && !labels && shots.length < plenty ? textDropout : 0;
}
