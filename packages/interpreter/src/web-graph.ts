import { basename } from "node:path";
import {
  dequantizeLinear,
  encodeModel,
  fusedMatMul,
  type Graph,
  gather,
  gemm,
  matMul,
  mul,
  type Value,
  type WeightPlace,
} from "@unplugin-paw/graph";
import { blockSums, widen } from "./block-weights.ts";
import { blockSize } from "./blocks.ts";
import type { LinearSeam } from "./llama.ts";
import type { Interpreter } from "./open.ts";
import { runGraph } from "./run-graph.ts";
import { blockNames, type PlacedBlocks, type Places, placedBlocks, weightNames } from "./weights.ts";

/**
 * The run graph for WebAssembly, over the same file of weights. onnxruntime has no kernel there that multiplies packed
 * weights: it unpacks all of them in every run, 280 ms for 135M parameters. This graph has them unpacked once, when it
 * is loaded: half the time for a short input, a sixth for a token, for a third more memory.
 *
 *   value = scale * code + offset
 *   y[row] = x * (scale * code)^T + sum over blocks of (sum of x in the block) * offset[row, block]
 */
export function webGraph({ config, data, places }: Pick<Interpreter, "config" | "data" | "places">): Uint8Array {
  const graph = runGraph(config, (g) => unpackedWeights(g, places));
  const { model, places: found } = encodeModel(graph, { dataFile: basename(data) });
  for (const [name, { offset }] of Object.entries(found)) {
    if (places[name]?.offset !== offset) throw new Error(`${name} does not lie where the run graph has it`);
  }
  return model;
}

/** What stands in for bytes that are in the file already. */
function written(): never {
  throw new Error("the weights are written with the run graph");
}

interface Blocks {
  /** `[rows, columns]` */
  codes: Value;
  /** `[rows, columns / 32]` */
  scales: Value;
  /** The code of the value 0. */
  middle: number;
  minima: WeightPlace | undefined;
}

/** Every product is one in float32 with what the blocks hold; constants are unpacked when the model is loaded. */
function unpackedWeights(g: Graph, places: Places): LinearSeam {
  const made = new Map<string, Blocks | Value>();
  /** A matrix: blocks, or float32 numbers. */
  const matrix = (name: string): Blocks | Value => {
    const found = made.get(name);
    if (found) return found;
    const placed = placedBlocks(places, name);
    const value = placed ? blocks(g, name, placed) : vector(name);
    made.set(name, value);
    return value;
  };
  const vector = (name: string) => g.weight(name, "float32", places[name]?.shape ?? [], written);
  // Weights are declared in the order in which the run graph has them.
  matrix(weightNames.embedding);
  return {
    has: (name) => places[name] !== undefined || placedBlocks(places, name) !== undefined,
    vector,
    linear(x, name) {
      const stored = matrix(name);
      if (!("codes" in stored)) return g.add(fusedMatMul, [x, stored], { transB: 1 });
      const { codes, scales, middle, minima } = stored;
      const y = g.add(fusedMatMul, [x, unpack(g, codes, scales)], { transB: 1 });
      if (!minima && middle === 0) return y;
      const offsets = minima
        ? widen(g, blockNames(name).minima, written, minima.shape)
        : g.add(mul, [scales, g.scalar(-middle)]);
      return g.add(gemm, [g.add(matMul, [x, blockSums(g, Number(codes.shape[1]))]), offsets, y], { transB: 1 });
    },
    lookUp(ids, name) {
      const stored = matrix(name);
      const pick = (value: Value) => g.add(gather, [value, ids], { axis: 0 });
      // Rows are unpacked as they are looked up: then only the product's own, rearranged copy of the table stays in
      // memory.
      return "codes" in stored ? unpack(g, pick(stored.codes), pick(stored.scales)) : pick(stored);
    },
  };
}

function unpack(g: Graph, codes: Value, scales: Value): Value {
  return g.add(dequantizeLinear, [codes, scales], { axis: 1, block_size: blockSize });
}

function blocks(g: Graph, name: string, { rows, columns, bits, signed, minima }: PlacedBlocks): Blocks {
  const names = blockNames(name);
  const type = bits === 4 ? "uint4" : signed ? "int8" : "uint8";
  return {
    codes: g.weight(names.codes, type, [rows, columns], written),
    scales: widen(g, names.scales, written, [rows, columns / blockSize]),
    middle: { uint4: 8, uint8: 128, int8: 0 }[type],
    minima,
  };
}
