import type { WeightPlace } from "@unplugin-paw/graph";
import { blockSize } from "./blocks.ts";
import type { LlamaConfig } from "./config.ts";

/** The linear maps of a layer: several matrices of the model, one below the other, so that one product serves all. */
export const linearNames = ["qkv", "attention_output", "gate_up", "down"] as const;
export type LinearName = (typeof linearNames)[number];

/** What weights are called: in every graph, in the run graph's data file and in what is read from it. */
export const weightNames = {
  embedding: "embedding",
  /** Absent where the vocabulary's projection is the embedding. */
  output: "output",
  outputNorm: "output_norm",
  attentionNorm: (layer: number): string => `${layer}.attention_norm`,
  feedForwardNorm: (layer: number): string => `${layer}.feed_forward_norm`,
  linear: (layer: number, name: LinearName): string => `${layer}.${name}`,
  /** Of a linear map; absent in most models. */
  bias: (matrix: string): string => `${matrix}.bias`,
} as const;

/**
 * The shape of a weight, row-major: `[outputs, inputs]` of a linear map, `[outputs]` of its bias, `[vocabulary,
 * width]`, `[width]` of a norm.
 */
export function weightShape(
  { vocabulary, width, heads, kvHeads, headSize, feedForward }: LlamaConfig,
  name: string,
): readonly number[] {
  const [, part = "", bias] = /^(?:\d+\.)?(\w+)(\.bias)?$/.exec(name) ?? [];
  const matrices: Record<string, [number, number]> = {
    [weightNames.embedding]: [vocabulary, width],
    [weightNames.output]: [vocabulary, width],
    qkv: [(heads + 2 * kvHeads) * headSize, width],
    attention_output: [width, heads * headSize],
    gate_up: [2 * feedForward, width],
    down: [width, feedForward],
  };
  const matrix = matrices[part];
  if (!matrix) return [width];
  return bias ? matrix.slice(0, 1) : matrix;
}

/**
 * A matrix in blocks is two or three tensors: codes, scales and, where blocks are not symmetric, the value of code 0.
 */
export function blockNames(matrix: string): { codes: string; scales: string; minima: string } {
  return { codes: `${matrix}.codes`, scales: `${matrix}.scales`, minima: `${matrix}.minima` };
}

/** Where the run graph's weights lie in its data file. */
export type Places = Readonly<Record<string, WeightPlace>>;

/** A matrix in blocks in the run graph's data file. */
export interface PlacedBlocks {
  rows: number;
  columns: number;
  bits: 4 | 8;
  /** 8-bit codes around 0 in place of 128. */
  signed: boolean;
  codes: WeightPlace;
  scales: WeightPlace;
  minima?: WeightPlace;
}

/** The blocks of a matrix; undefined where it is not stored in blocks. */
export function placedBlocks(places: Places, matrix: string): PlacedBlocks | undefined {
  const names = blockNames(matrix);
  const [codes, scales, minima] = [places[names.codes], places[names.scales], places[names.minima]];
  if (!codes || !scales) return undefined;
  // As block-weights.ts writes them: [rows, blocks, bytes of a block]
  const [rows = 0, blocks = 0, blockBytes = 0] = codes.shape;
  const bits = ((blockBytes * 8) / blockSize) as 4 | 8;
  const signed = codes.type === "int8";
  return { rows, columns: blocks * blockSize, bits, signed, codes, scales, ...(minima && { minima }) };
}

/** The names of all weights in the data file, a matrix in blocks by its own. */
export function placedNames(places: Places): string[] {
  return Object.keys(places).flatMap((name) => {
    const matrix = name.replace(/\.(codes|scales|minima)$/, "");
    if (matrix === name) return [name];
    return name === blockNames(matrix).codes ? [matrix] : [];
  });
}
