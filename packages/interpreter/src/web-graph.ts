import { basename } from "node:path";
import {
  dequantizeLinear,
  type ElementType,
  elementTypes,
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
import { blockSize } from "./blocks.ts";
import { llamaGraph } from "./graph.ts";
import { blockSums, type WeightFormat, widen } from "./linear.ts";
import type { Interpreter } from "./open.ts";
import type { LlamaTensors, StoredMatrix } from "./weights.ts";

type Places = Interpreter["places"];

/**
 * The run graph for WebAssembly, over the same file of weights. onnxruntime has no kernel there that multiplies packed weights: it
 * unpacks all of them in every run, 280 ms for 135M parameters. This graph has them unpacked once, when it is loaded: half the time
 * for a short input, a sixth for a token, for a quarter more memory.
 *
 *   value = scale * code + offset
 *   y[row] = x * (scale * code)^T + sum over blocks of (sum of x in the block) * offset[row, block]
 */
export async function webGraph({
  config,
  data,
  places,
}: Pick<Interpreter, "config" | "data" | "places">): Promise<Uint8Array> {
  const graph = await llamaGraph(config, namedTensors(places, config.width), unpackedFormat(places));
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

/** The model's tensors by their name in the run graph: only shapes are of interest. */
function namedTensors(places: Places, width: number): LlamaTensors {
  const matrix = async (name: string): Promise<StoredMatrix> => {
    const [rows = 0, columns = 0] = matrixShape(places, name);
    return { type: "F32", shape: [rows, columns], bytes: new Uint8Array() };
  };
  return {
    embedding: () => matrix("embedding"),
    output: async () => (places["output.codes"] ? await matrix("output") : undefined),
    norm: async () => new Float32Array(width),
    qkv: (layer) => matrix(`${layer}.qkv`),
    attentionOutput: (layer) => matrix(`${layer}.attention_output`),
    gateUp: (layer) => matrix(`${layer}.gate_up`),
    down: (layer) => matrix(`${layer}.down`),
  };
}

function matrixShape(places: Places, name: string): readonly number[] {
  const codes = places[`${name}.codes`];
  if (!codes) return places[name]?.shape ?? [];
  const [rows = 0, blocks = 0] = codes.shape;
  return [rows, blocks * blockSize];
}

/** Every product is one in float32 with what the blocks hold; constants are unpacked when the model is loaded. */
function unpackedFormat(places: Places): WeightFormat {
  return {
    linear(g, name, x, { shape: [, columns] }) {
      const { codes, scales, middle } = blocks(g, places, name);
      const y = g.add(fusedMatMul, [x, unpack(g, codes, scales)], { transB: 1 });
      const offsets = places[`${name}.minima`]
        ? widen(g, `${name}.minima`, written, scales.shape as number[])
        : g.add(mul, [scales, g.scalar(-middle)]);
      return g.add(gemm, [g.add(matMul, [x, blockSums(g, columns)]), offsets, y], { transB: 1 });
    },
    embedding(g, name, { shape }) {
      if (!places[`${name}.codes`]) {
        const table = g.weight(name, "float32", shape, written);
        return {
          rows: (ids) => g.add(gather, [table, ids], { axis: 0 }),
          project: (x) => g.add(fusedMatMul, [x, table], { transB: 1 }),
        };
      }
      // Rows are unpacked as they are looked up: then only the product's own, rearranged copy of the table stays in memory.
      const { codes, scales } = blocks(g, places, name);
      const pick = (value: Value, ids: Value) => g.add(gather, [value, ids], { axis: 0 });
      return {
        rows: (ids) => unpack(g, pick(codes, ids), pick(scales, ids)),
        project: (x) => g.add(fusedMatMul, [x, unpack(g, codes, scales)], { transB: 1 }),
      };
    },
  };
}

function unpack(g: Graph, codes: Value, scales: Value): Value {
  return g.add(dequantizeLinear, [codes, scales], { axis: 1, block_size: blockSize });
}

/** Codes and scales of a matrix, `[rows, columns]` and `[rows, columns / 32]`, and the code of the value 0. */
function blocks(g: Graph, places: Places, name: string): { codes: Value; scales: Value; middle: number } {
  const { type, shape } = places[`${name}.codes`] as WeightPlace;
  const [rows = 0, columns = 0] = matrixShape(places, name);
  const bytes = shape.reduce((product, size) => product * size, 1);
  const codeType: ElementType = bytes === rows * columns * elementTypes.uint4.bytes ? "uint4" : type;
  return {
    codes: g.weight(`${name}.codes`, codeType, [rows, columns], written),
    scales: widen(g, `${name}.scales`, written, [rows, columns / blockSize]),
    middle: { uint4: 8, uint8: 128, int8: 0 }[codeType as "uint4" | "uint8" | "int8"],
  };
}
