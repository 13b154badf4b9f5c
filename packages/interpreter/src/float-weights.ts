import type { WeightPlace } from "@unplugin-paw/graph";
import { unblock } from "./blocks.ts";
import { readDataFile } from "./data-file.ts";
import { float16Table } from "./dequantise.ts";
import type { Interpreter } from "./open.ts";
import { placedBlocks, placedNames } from "./weights.ts";

/** Weights in float32, by the names of `weightNames`. */
export type FloatWeights = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;

/**
 * The weights that the run graph computes with, value for value, widened to float32: 540 MB for 135M parameters. What
 * is trained against them is trained on what runs.
 */
export async function readFloatWeights({ data, places }: Pick<Interpreter, "data" | "places">): Promise<FloatWeights> {
  const { view } = await readDataFile(data);
  const half = float16Table();
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const name of placedNames(places)) {
    const placed = placedBlocks(places, name);
    if (!placed) {
      const place = places[name] as WeightPlace;
      weights.set(name, { shape: place.shape, data: view(place, Float32Array).slice() });
      continue;
    }
    const { rows, columns, bits, signed, minima } = placed;
    const codes = view(placed.codes, Uint8Array);
    const weight = {
      rows,
      columns,
      bits,
      // Signed bytes are the same bytes around 128.
      codes: signed ? codes.map((code) => code ^ 128) : codes,
      scales: view(placed.scales, Uint16Array),
      ...(minima && { minima: view(minima, Uint16Array) }),
    };
    weights.set(name, { shape: [rows, columns], data: unblock(weight, half) });
  }
  return weights;
}
