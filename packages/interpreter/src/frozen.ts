import { readFile } from "node:fs/promises";
import { elementTypes, type WeightPlace } from "@unplugin-paw/graph";
import { blockSize, unblock } from "./blocks.ts";
import { float16Table } from "./dequantise.ts";
import type { Interpreter } from "./open.ts";

/** Weights in float32 by their name in the run graph: `3.qkv`, `3.attention_norm`, `embedding`, ... */
export type FrozenWeights = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;

/**
 * The weights that the run graph computes with, value for value, widened to float32: 540 MB for 135M parameters. What is trained
 * against them is trained on what runs.
 */
export async function readFrozen({ data, places }: Pick<Interpreter, "data" | "places">): Promise<FrozenWeights> {
  const { buffer, byteOffset } = await readFile(data);
  /** The bytes of a place. Weights start at multiples of 4096, so they are aligned for any typed array. */
  const view = <T>(
    place: WeightPlace,
    Type: { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number },
  ): T => {
    const bytes = place.shape.reduce((product, size) => product * size, elementTypes[place.type].bytes);
    return new Type(buffer, byteOffset + place.offset, bytes / Type.BYTES_PER_ELEMENT);
  };
  const half = float16Table();
  const frozen = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, place] of Object.entries(places)) {
    if (place.type === "float32") frozen.set(name, { shape: place.shape, data: view(place, Float32Array).slice() });
    if (!name.endsWith(".codes")) continue;
    const base = name.slice(0, -".codes".length);
    const [rows = 0, blocks = 0, blockBytes = 0] = place.shape;
    const columns = blocks * blockSize;
    const minima = places[`${base}.minima`];
    const codes = view(place, Uint8Array);
    const weight = {
      rows,
      columns,
      bits: ((blockBytes * 8) / blockSize) as 4 | 8,
      // Signed bytes are the same bytes around 128.
      codes: place.type === "int8" ? codes.map((code) => code ^ 128) : codes,
      scales: view(places[`${base}.scales`] as WeightPlace, Uint16Array),
      ...(minima && { minima: view(minima, Uint16Array) }),
    };
    frozen.set(base, { shape: [rows, columns], data: unblock(weight, half) });
  }
  return frozen;
}
