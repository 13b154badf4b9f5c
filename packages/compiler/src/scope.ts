import { renderInput } from "@unplugin-paw/program";
import { sigmoid } from "@unplugin-paw/runtime/decode";
import type { Spec } from "@unplugin-paw/spec";
import { inOwnUnits, type Linear, normalise, ofRows } from "./features.ts";
import { freeTexts } from "./free-text.ts";
import { fitLogistic, product } from "./logistic.ts";
import { outside } from "./outside.ts";
import type { Shot } from "./prompt.ts";

/** Strength of the L2 penalty, features having length 1 on average. */
const penalty = 1 / 20;
/**
 * How many of the inputs that a function gets are taken to be what it is for. Measured on nine tasks with 32 examples:
 * of inputs that a task is not for .58 were answered with a probability over .8, with this share .034, and .05 of the
 * others lose so much that they fall under it; with .5 they were .007 and .15, with .9 .07 and .03.
 */
const share = 0.8;
const folds = 4;

/**
 * The texts that nothing is for, as inputs of a spec: of fields, those that are free texts get such a text and the
 * others are an example's. Empty where the input has no free text: then all that fits its type is what the function is
 * for.
 */
export function outsideInputs({ contract, examples }: Pick<Spec, "contract" | "examples">): Shot[] {
  const { input } = contract;
  if (input.kind === "string") return outside.map((text) => ({ input: text, output: "" }));
  const texts = freeTexts(input);
  if (texts.length === 0 || examples.length === 0) return [];
  return outside.map((_, i) => {
    const replaced = texts.map((name, t) => [name, outside[(i + t) % outside.length]]);
    const fields = { ...(examples[i % examples.length]?.input as object), ...Object.fromEntries(replaced) };
    return { input: renderInput(contract, fields), output: "" };
  });
}

/**
 * Fits the probability that an input is what a function is for: logistic regression on what the interpreter keeps of
 * its examples and of texts that no function is for, both sides weighing the same. Its scores are then made
 * probabilities on held-out rows (Platt scaling, with the share above).
 *
 * @param inside features of examples, `[examples][size]`
 * @param others features of other texts
 * @returns a logit
 */
export function fitScope(inside: readonly Float32Array[], others: readonly Float32Array[], layers: number): Linear {
  const normalised = normalise([...inside, ...others], layers);
  const { rows } = normalised;
  const all = [...rows.keys()];
  const isInside = (i: number) => i < inside.length;
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
  /** What each row that is learnt from adds to a score. */
  const fit = (learnt: readonly number[]): number[] => {
    const count = learnt.filter(isInside).length;
    const weights = learnt.map((i) => learnt.length / 2 / (isInside(i) ? count : learnt.length - count));
    const classes = learnt.map((i) => Number(!isInside(i)));
    const dual = fitLogistic(kernel, learnt, classes, 2, penalty, weights);
    return learnt.map((_, i) => (dual[2 * i] as number) - (dual[2 * i + 1] as number));
  };
  const held = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold++) {
    const learnt = all.filter((i) => i % folds !== fold);
    const parts = fit(learnt);
    for (let i = fold; i < rows.length; i += folds) {
      held[i] = learnt.reduce((sum, j, at) => sum + (parts[at] as number) * (kernel[i]?.[j] as number), 0);
    }
  }
  const { slope, offset } = fitPlatt(held, isInside, inside.length);
  const { weights, bias } = inOwnUnits(
    ofRows(
      rows,
      fit(all).map((part) => slope * part),
    ),
    normalised,
  );
  return { weights, bias: bias + offset };
}

/** Scores as logits, by gradient ascent on the weighted likelihood; priors keep few rows from moving them far. */
function fitPlatt(
  scores: Float64Array,
  isInside: (row: number) => boolean,
  count: number,
): { slope: number; offset: number } {
  let [slope, offset] = [1, 0];
  for (let step = 0; step < 3000; step++) {
    let [slopeGradient, offsetGradient] = [0.02 * (1 - slope), -0.002 * offset];
    for (const [i, score] of scores.entries()) {
      const weight = isInside(i) ? share / count : (1 - share) / (scores.length - count);
      const error = weight * (Number(isInside(i)) - sigmoid(slope * score + offset));
      slopeGradient += error * score;
      offsetGradient += error;
    }
    slope += 0.3 * slopeGradient;
    offset += 0.3 * offsetGradient;
  }
  return { slope, offset };
}
