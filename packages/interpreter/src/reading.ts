import { dataFile } from "./converted.ts";
import { readDataFile } from "./data-file.ts";
import { type Delta, moved } from "./delta.ts";
import { float16Table, toHalf } from "./dequantise.ts";
import type { SessionOptions } from "./loaded-model.ts";
import type { Interpreter } from "./open.ts";
import { placedBlocks, placedNames } from "./weights.ts";

/**
 * The weights of an interpreter with a delta of its own numbers (`training/reading.py`) merged into them, for a session
 * over its run graph: what reads a spec is another model of the same size, and nothing of it is on disk.
 *
 * @example
 * const weights = await readingWeights(interpreter, await readDelta({ file, sha256 }));
 * const reader = await Session.open(ort, interpreter.model, interpreter.config, { weights });
 */
export async function readingWeights(
  { data, places }: Pick<Interpreter, "data" | "places">,
  delta: Delta,
): Promise<NonNullable<SessionOptions["weights"]>> {
  const { bytes, view } = await readDataFile(data);
  const half = float16Table();
  for (const name of placedNames(places)) {
    const [scales, offsets, gains] = ["scales", "offsets", "gains"].map((kind) => delta.values(`${name}.${kind}`));
    const placed = placedBlocks(places, name);
    if (scales && offsets && placed?.minima) {
      const [ofScales, minima] = [view(placed.scales, Uint16Array), view(placed.minima, Uint16Array)];
      for (let block = 0; block < scales.length; block++) {
        const old = [half[ofScales[block] as number] as number, half[minima[block] as number] as number] as const;
        const [scale, minimum] = moved(...old, scales[block] as number, offsets[block] as number);
        ofScales[block] = toHalf(scale);
        minima[block] = toHalf(minimum);
      }
    }
    const place = places[name];
    if (gains && place) {
      const numbers = view(place, Float32Array);
      for (const [i, gain] of gains.entries()) numbers[i] = (numbers[i] as number) * (1 + gain);
    }
  }
  return { path: dataFile, data: bytes };
}
