import { chain, type KeyValues, type TreeToken } from "@unplugin-paw/interpreter/session";
import type { Material } from "./material.ts";
import type { Shot } from "./prompt.ts";
import { inPasses, inputsOf } from "./reward.ts";

/** What a linear model reads of each pair's input, `[pairs][layers x heads x headSize]`. */
export async function inputValues(
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
      return pass.map(({ ids }, i) => sequence.inputValues(starts[i] as number, ids.length, layers));
    },
  );
}

/** Rows that are centred, each layer scaled to the same mean square, so that they have length 1 on average. */
export interface Normalised {
  rows: Float32Array[];
  center: Float64Array;
  /** Of each layer. */
  scales: number[];
}

export function normalise(given: readonly Float32Array[], layers: number): Normalised {
  const size = (given[0] as Float32Array).length;
  const center = Float64Array.from({ length: size }, (_, i) =>
    given.reduce((sum, row) => sum + (row[i] as number) / given.length, 0),
  );
  const perLayer = size / layers;
  const scales = Array.from({ length: layers }, (_, layer) => {
    let square = 0;
    for (const row of given) {
      for (let i = layer * perLayer; i < (layer + 1) * perLayer; i++) {
        square += ((row[i] as number) - (center[i] as number)) ** 2 / given.length;
      }
    }
    return square > 0 ? 1 / Math.sqrt(square * layers) : 0;
  });
  const rows = given.map((row) =>
    Float32Array.from(
      row,
      (value, i) => (value - (center[i] as number)) * (scales[Math.floor(i / perLayer)] as number),
    ),
  );
  return { rows, center, scales };
}

/** A linear score of features, `weights . values + bias`. */
export interface Linear {
  weights: Float32Array;
  bias: number;
}

/** A score of normalised rows as one of the rows that were given. */
export function inOwnUnits({ weights, bias }: Linear, { center, scales }: Normalised): Linear {
  const perLayer = weights.length / scales.length;
  const own = Float32Array.from(weights, (weight, i) => weight * (scales[Math.floor(i / perLayer)] as number));
  return { weights: own, bias: own.reduce((rest, weight, i) => rest - weight * (center[i] as number), bias) };
}

/** A score out of the coordinates of the rows that it was fitted to: `parts` is what each adds to it. */
export function ofRows(rows: readonly Float32Array[], parts: readonly number[]): Linear {
  const weights = new Float32Array((rows[0] as Float32Array).length);
  for (const [r, row] of rows.entries()) {
    const part = parts[r] as number;
    for (let i = 0; i < row.length; i++) weights[i] = (weights[i] as number) + part * (row[i] as number);
  }
  // A row of the kernel has a constant 1 in it.
  return { weights, bias: parts.reduce((sum, part) => sum + part, 0) };
}
