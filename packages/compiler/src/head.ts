import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { askedPrecision, type Head } from "@unplugin-paw/program";
import type { CalibrationOptions } from "./calibration.ts";
import { inOwnUnits, inputValues, type Linear, normalise, ofRows } from "./features.ts";
import { fitLogistic, product } from "./logistic.ts";
import type { Material } from "./material.ts";
import { type Shot, shotWeights } from "./prompt.ts";
import { fitScope, outsideInputs } from "./scope.ts";
import { type Scores, scoreFold, type Validation, validation } from "./validation.ts";

/**
 * Strength of the L2 penalty, features having length 1 on average. From 1/30 to 1/300 nothing changed
 * (docs/benchmarks.md).
 */
const penalty = 1 / 300;

/** A fold's heads and how programs do that have them. */
export interface Headed {
  heads: Head[];
  validation: Validation;
}

/**
 * The head stage, of closed labels: in each fold, fits a head to the shown examples and measures it, with its prefix,
 * on the others.
 */
export async function fitHeads(material: Material, prefixes: readonly KeyValues[]): Promise<Headed> {
  const heads: Head[] = [];
  // A scope takes longer than all else here, and moves no label before another: only thresholds are chosen with it.
  const options = { scope: askedPrecision(material.spec.contract) !== undefined };
  for (const [i, fold] of material.folds.entries()) {
    heads.push(await fitHead(material, prefixes[i] as KeyValues, fold.shown, options));
  }
  return { heads, validation: await measureHeads(material, prefixes, heads, { bias: false }) };
}

/** The heads without what they say of labels: what is left is whether an input is what the function is for. */
export async function scopesOf(
  material: Material,
  prefixes: readonly KeyValues[],
  heads: readonly Head[],
  options: CalibrationOptions,
): Promise<Headed> {
  const scopes = heads.map((head) => scopeOf(material, head));
  return { heads: scopes, validation: await measureHeads(material, prefixes, scopes, options) };
}

/** All labels alike. */
export function scopeOf({ labels = [] }: Pick<Material, "labels">, { layers, weights, bias }: Head): Head {
  const size = weights.length / bias.length;
  return {
    layers,
    weights: weights.map((weight, i) => (i < labels.length * size ? 0 : weight)),
    bias: bias.map((value, i) => (i < labels.length ? 0 : value)),
  };
}

async function measureHeads(
  material: Material,
  prefixes: readonly KeyValues[],
  heads: readonly Head[],
  options: CalibrationOptions,
): Promise<Validation> {
  const scores: Scores[] = [];
  for (const [i, fold] of material.folds.entries()) {
    scores.push(await scoreFold(material, fold, prefixes[i] as KeyValues, heads[i]));
  }
  return validation(material, scores, options);
}

/**
 * Fits a head to examples behind a prefix: logistic regression on what the interpreter's upper half keeps of them. It
 * sees what an input is about and what the model is about to say; the decoder, which label that is. Its last row is the
 * scope: whether an input is what the function is for at all.
 *
 * @param options.scope false: without that row
 */
export async function fitHead(
  material: Material,
  prefix: KeyValues,
  examples: Iterable<number>,
  options: { scope: boolean },
): Promise<Head> {
  const { shots, labels = [] } = material;
  const pairs = [...examples].map((i) => shots[i] as Shot);
  const layers = Math.ceil(prefix.layers / 2);
  const inside = await inputValues(material, prefix, pairs, layers);
  const texts = options.scope ? outsideInputs(material.spec) : [];
  const others = await inputValues(material, prefix, texts, layers);
  const scope = others.length > 0 ? [fitScope(inside, others, layers)] : [];
  const rows = [...fitLabels(inside, pairs, labels, layers), ...scope];
  return {
    layers,
    weights: Float32Array.from(rows.flatMap(({ weights }) => [...weights])),
    bias: Float32Array.from(rows, ({ bias }) => bias),
  };
}

/** A score of each label. */
function fitLabels(
  inside: readonly Float32Array[],
  pairs: readonly Shot[],
  labels: readonly string[],
  layers: number,
): Linear[] {
  const normalised = normalise(inside, layers);
  const { rows } = normalised;
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
  const classes = pairs.map(({ output }) => labels.indexOf(output));
  const dual = fitLogistic(kernel, [...rows.keys()], classes, labels.length, penalty, shotWeights(pairs));
  return labels.map((_, label) => {
    const parts = rows.map((_, i) => dual[i * labels.length + label] as number);
    return inOwnUnits(ofRows(rows, parts), normalised);
  });
}
