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
import type { StoredWeight, StoredWeights } from "./architectures.ts";
import { type BlockWeight, blockSize, blockWeight, unblock } from "./blocks.ts";
import { dequantise, float16Table } from "./dequantise.ts";
import type { LinearSeam } from "./llama.ts";
import { blockNames, weightNames } from "./weights.ts";

/**
 * The run graph's weights: the GGUF's own blocks, value for value. onnxruntime's MatMulNBits multiplies 4-bit codes
 * fast only with whole-number zero points, and Q4_1's minimum is none: rounding it changes 4 answers in 10. So the
 * product is split:
 *
 *   value = scale * (code - 8) + (minimum + 8 * scale)
 *   y[row] = MatMulNBits(x)[row] + sum over blocks of (sum of x in the block) * offset[row, block]
 *
 * The second half is a float product 32 times smaller than the first. Scales and minima are stored in float16 as in the
 * GGUF; onnxruntime widens them once, when it loads the model.
 */
export function blockWeights(g: Graph, stored: StoredWeights): LinearSeam {
  const weight = (name: string) => stored.get(name) as StoredWeight;
  const blocksOf = (name: string) => {
    const { type, bytes, shape } = weight(name);
    return blockWeight(type, bytes, shape as [number, number]);
  };
  // The vocabulary's table and projection are one matrix in most models. Its weights come first in the data file.
  const tables = new Map<string, Value>();
  const table = (name: string): Value => {
    const found = tables.get(name) ?? widenTable(g, name, blocksOf(name));
    tables.set(name, found);
    return found;
  };
  table(weightNames.embedding);
  return {
    has: (name) => stored.has(name),
    linear(x, name) {
      if (name === weightNames.embedding || name === weightNames.output)
        return g.add(fusedMatMul, [x, table(name)], { transB: 1 });
      return multiply(g, x, name, blocksOf(name));
    },
    lookUp: (ids, name) => g.add(gather, [table(name), ids], { axis: 0 }),
    vector(name) {
      const { type, shape, bytes } = weight(name);
      return g.weight(name, "float32", shape, dequantise(type, bytes));
    },
  };
}

function multiply(g: Graph, x: Value, name: string, weight: BlockWeight): Value {
  const { rows, columns, bits, minima } = weight;
  const names = blockNames(name);
  const shape = [rows, columns / blockSize];
  const codes = g.weight(names.codes, "uint8", [...shape, (blockSize * bits) / 8], weight.codes);
  const scales = widen(g, names.scales, weight.scales, shape);
  // Level 0: products in float32. Level 4 rounds the input to int8 a block at a time, as llama.cpp does: a fifth faster
  // over an input and a third faster a token, but any change in the last bit of anything then moves a label's
  // probability by up to 0.04, so that a text prompt and its stored prefix, or two machines, give different answers
  // where labels are close.
  const options = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 0 };
  const y = g.add(matMulNBits, [x, codes, g.add(reshape, [scales, g.ints([-1])])], options);
  if (!minima) return y;
  const offsets = g.add(add, [widen(g, names.minima, minima, shape), g.add(mul, [scales, g.scalar(8)])]);
  return g.add(gemm, [g.add(matMul, [x, blockSums(g, columns)]), offsets, y], { transB: 1 });
}

/**
 * The vocabulary's table in float32, `[vocabulary, width]`, from 8-bit codes in the file. All inputs are constant, so
 * onnxruntime computes it once, when it loads the model. MatMulNBits would save 85 MB of memory, but its 8-bit float32
 * path takes 100 ms a token.
 */
function widenTable(g: Graph, name: string, weight: BlockWeight): Value {
  const { rows, columns, bits, codes, scales, minima } = weight;
  if (bits !== 8 || minima) return g.weight(name, "float32", [rows, columns], unblock(weight, float16Table()));
  const names = blockNames(name);
  const blocks = columns / blockSize;
  const signed = codes.map((code) => code ^ 128);
  const numbers = g.add(cast, [g.weight(names.codes, "int8", [rows, blocks, blockSize], signed)], {
    to: elementTypes.float32.code,
  });
  const scaled = g.add(mul, [numbers, widen(g, names.scales, scales, [rows, blocks, 1])]);
  return g.add(reshape, [scaled, g.ints([rows, columns])]);
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

/**
 * `[columns, columns / 32]` with a 1 where a column belongs to a block: `x` times this sums `x` over each block. Made
 * once a graph.
 */
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
