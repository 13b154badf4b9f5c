import {
  add,
  cast,
  elementTypes,
  fusedMatMul,
  type Graph,
  gather,
  gemm,
  matMul,
  matMulNBits,
  mul,
  reshape,
  type Value,
} from "@unplugin-paw/graph";
import { type BlockWeight, blockSize, blockWeight, unblock } from "./blocks.ts";
import { dequantise, float16Table } from "./dequantise.ts";
import type { StoredMatrix } from "./weights.ts";

/** How the matrices of a graph are stored and multiplied. Three ways exist: `blockFormat` (the run graph), `unpackedFormat` (the
 * browser's) and `floatFormat`. */
export interface WeightFormat {
  /** `x [tokens, columns] x matrix^T -> [tokens, rows]` */
  linear(g: Graph, name: string, x: Value, matrix: StoredMatrix): Value;
  /** Rows of the embedding: `ids [tokens] -> [tokens, width]`, and the product with the same matrix, for tied vocabularies. */
  embedding(g: Graph, name: string, matrix: StoredMatrix): { rows(ids: Value): Value; project(x: Value): Value };
}

/** Plain float32: the reference that the run graph is compared with. */
export const floatFormat: WeightFormat = {
  linear: (g, name, x, matrix) => g.add(fusedMatMul, [x, floatWeight(g, name, matrix)], { transB: 1 }),
  embedding(g, name, matrix) {
    const table = floatWeight(g, name, matrix);
    return {
      rows: (ids) => g.add(gather, [table, ids], { axis: 0 }),
      project: (x) => g.add(fusedMatMul, [x, table], { transB: 1 }),
    };
  },
};

function floatWeight(g: Graph, name: string, { type, shape, bytes }: StoredMatrix): Value {
  return g.weight(name, "float32", shape, dequantise(type, bytes));
}

/**
 * The GGUF's own blocks, value for value. onnxruntime's MatMulNBits multiplies 4-bit codes fast only with whole-number zero
 * points, and Q4_1's minimum is none: rounding it changes 4 answers in 10. So the product is split:
 *
 *   value = scale * (code - 8) + (minimum + 8 * scale)
 *   y[row] = MatMulNBits(x)[row] + sum over blocks of (sum of x in the block) * offset[row, block]
 *
 * The second half is a float product 32 times smaller than the first. Scales and minima are stored in float16 as in the
 * GGUF; onnxruntime widens them once, when it loads the model.
 */
export const blockFormat: WeightFormat = {
  linear(g, name, x, matrix) {
    const weight = blockWeight(matrix.type, matrix.bytes, matrix.shape);
    const { rows, columns, bits } = weight;
    const { codes, scales } = blockValues(g, name, weight);
    const y = g.add(matMulNBits, [x, codes, g.add(reshape, [scales, g.ints([-1])])], multiply(rows, columns, bits));
    if (!weight.minima) return y;
    const minima = widen(g, `${name}.minima`, weight.minima, [rows, columns / blockSize]);
    const offsets = g.add(add, [minima, g.add(mul, [scales, g.scalar(8)])]);
    return g.add(gemm, [g.add(matMul, [x, blockSums(g, columns)]), offsets, y], { transB: 1 });
  },
  embedding(g, name, matrix) {
    const weight = blockWeight(matrix.type, matrix.bytes, matrix.shape);
    const table = widenTable(g, name, weight);
    return {
      rows: (ids) => g.add(gather, [table, ids], { axis: 0 }),
      project: (x) => g.add(fusedMatMul, [x, table], { transB: 1 }),
    };
  },
};

/**
 * Level 0: products in float32. Level 4 rounds the input to int8 a block at a time, as llama.cpp does: a fifth faster over an input
 * and a third faster a token, but any change in the last bit of anything then moves a label's probability by up to 0.04, so that a
 * text prompt and its stored prefix, or two machines, give different answers where labels are close.
 */
function multiply(rows: number, columns: number, bits: number) {
  return { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 0 };
}

/**
 * The vocabulary's table in float32, `[vocabulary, width]`, from 8-bit codes in the file. All inputs are constant, so onnxruntime
 * computes it once, when it loads the model. MatMulNBits would save 85 MB of memory, but its 8-bit float32 path takes 100 ms a token.
 */
function widenTable(g: Graph, name: string, { rows, columns, bits, codes, scales, minima }: BlockWeight): Value {
  if (bits !== 8 || minima) {
    const table = unblock({ rows, columns, bits, codes, scales, ...(minima && { minima }) }, float16Table());
    return g.weight(name, "float32", [rows, columns], table);
  }
  const blocks = columns / blockSize;
  const signed = g.weight(
    `${name}.codes`,
    "int8",
    [rows, blocks, blockSize],
    codes.map((code) => code ^ 128),
  );
  const numbers = g.add(cast, [signed], { to: elementTypes.float32.code });
  const scaled = g.add(mul, [numbers, widen(g, `${name}.scales`, scales, [rows, blocks, 1])]);
  return g.add(reshape, [scaled, g.ints([rows, columns])]);
}

function blockValues(
  g: Graph,
  name: string,
  { rows, columns, bits, codes, scales }: BlockWeight,
): { codes: Value; scales: Value } {
  const blocks = columns / blockSize;
  return {
    codes: g.weight(`${name}.codes`, "uint8", [rows, blocks, (blockSize * bits) / 8], codes),
    scales: widen(g, `${name}.scales`, scales, [rows, blocks]),
  };
}

/** A float16 weight, as float32. The cast has constant inputs, so it runs when the model is loaded and never again. */
export function widen(
  g: Graph,
  name: string,
  halves: Uint16Array | (() => Uint8Array),
  shape: readonly number[],
): Value {
  return g.add(cast, [g.weight(name, "float16", shape, halves)], { to: elementTypes.float32.code });
}

const sums = new WeakMap<Graph, Map<number, Value>>();

/** `[columns, columns / 32]` with a 1 where a column belongs to a block: `x` times this sums `x` over each block. Made once a graph. */
export function blockSums(g: Graph, columns: number): Value {
  const known = sums.get(g) ?? new Map<number, Value>();
  sums.set(g, known);
  const found = known.get(columns);
  if (found) return found;
  const blocks = columns / blockSize;
  const ones = new Float32Array(columns * blocks);
  for (let column = 0; column < columns; column++) ones[column * blocks + Math.floor(column / blockSize)] = 1;
  const value = g.weight(`block_sums.${columns}`, "float32", [columns, blocks], ones);
  known.set(columns, value);
  return value;
}
