import { chain, type KeyValues, type TreeToken } from "@unplugin-paw/interpreter/session";
import type { Head } from "@unplugin-paw/program";
import { fitLogistic, product } from "./logistic.ts";
import type { Material } from "./material.ts";
import { type Shot, shotWeights } from "./prompt.ts";
import { inPasses, inputsOf } from "./reward.ts";
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
  const scores: Scores[] = [];
  for (const [i, fold] of material.folds.entries()) {
    const prefix = prefixes[i] as KeyValues;
    const head = await fitHead(material, prefix, fold.shown);
    heads.push(head);
    scores.push(await scoreFold(material, fold, prefix, head));
  }
  return { heads, validation: validation(material, scores, { bias: false }) };
}

/**
 * Fits a head to examples behind a prefix: logistic regression on what the interpreter's upper half keeps of them. It
 * sees what an input is about; the decoder sees what the answer would be.
 */
export async function fitHead(material: Material, prefix: KeyValues, examples: Iterable<number>): Promise<Head> {
  const { shots, labels = [] } = material;
  const pairs = [...examples].map((i) => shots[i] as Shot);
  const layers = Math.ceil(prefix.layers / 2);
  const rows = await meanValues(material, prefix, pairs, layers);
  const { center, scales } = normalise(rows, layers);
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
  const classes = pairs.map(({ output }) => labels.indexOf(output));
  const dual = fitLogistic(kernel, [...rows.keys()], classes, labels.length, penalty, shotWeights(pairs));

  // Out of the rows' coordinates, and with the normalisation taken into weights and bias.
  const size = center.length;
  const weights = new Float32Array(labels.length * size);
  const bias = new Float32Array(labels.length);
  for (let label = 0; label < labels.length; label++) {
    const row = weights.subarray(label * size, (label + 1) * size);
    let constant = 0;
    for (const [r, features] of rows.entries()) {
      const share = dual[r]?.[label] as number;
      constant += share;
      for (let i = 0; i < size; i++) row[i] = (row[i] as number) + share * (features[i] as number);
    }
    for (let i = 0; i < size; i++) {
      row[i] = (row[i] as number) * (scales[Math.floor((i * layers) / size)] as number);
      constant -= (row[i] as number) * (center[i] as number);
    }
    bias[label] = constant;
  }
  return { layers, weights, bias };
}

/** What the head reads of each pair's input, `[pairs][layers x heads x headSize]`. */
async function meanValues(
  { engine, spec, signal }: Material,
  prefix: KeyValues,
  pairs: readonly Shot[],
  layers: number,
): Promise<Float32Array[]> {
  const judge = { engine, contract: spec.contract, prefix, signal };
  return await inPasses(
    judge,
    inputsOf(judge, pairs),
    ({ ids }) => ids.length,
    async (sequence, pass) => {
      const tokens: TreeToken[] = [];
      const starts = pass.map(({ ids }) => tokens.push(...chain(ids, -1, tokens.length)) - ids.length);
      await sequence.append(tokens, []);
      return pass.map(({ ids }, i) => sequence.meanValues(starts[i] as number, ids.length, layers));
    },
  );
}

/** Centers rows and scales each layer to the same mean square, in place, so that rows have length 1 on average. */
function normalise(rows: readonly Float32Array[], layers: number): { center: Float64Array; scales: number[] } {
  const size = (rows[0] as Float32Array).length;
  const center = Float64Array.from({ length: size }, (_, i) =>
    rows.reduce((sum, row) => sum + (row[i] as number) / rows.length, 0),
  );
  const perLayer = size / layers;
  const scales = Array.from({ length: layers }, (_, layer) => {
    let square = 0;
    for (const row of rows) {
      for (let i = layer * perLayer; i < (layer + 1) * perLayer; i++) {
        square += ((row[i] as number) - (center[i] as number)) ** 2 / rows.length;
      }
    }
    return square > 0 ? 1 / Math.sqrt(square * layers) : 0;
  });
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      row[i] = ((row[i] as number) - (center[i] as number)) * (scales[Math.floor(i / perLayer)] as number);
    }
  }
  return { center, scales };
}
