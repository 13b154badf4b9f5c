import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  add,
  cast,
  concat,
  crossEntropy,
  elementTypes,
  encodeModel,
  expand,
  fusedMatMul,
  Graph,
  GraphError,
  gather,
  gatherElements,
  gemm,
  matMul,
  matMulNBits,
  mul,
  reduceSum,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  softmax,
  split,
  squeeze,
  transpose,
  unsqueeze,
  type Value,
} from "./index.ts";

/** Builds a graph, runs it in onnxruntime and gives its outputs, whose shapes must be those that were inferred. */
async function run(
  build: (g: Graph) => Record<string, Value>,
  feeds: Record<string, ort.Tensor> = {},
  dataFile?: string,
) {
  const g = new Graph("test");
  const outputs = build(g);
  for (const [name, value] of Object.entries(outputs)) g.output(name, value);
  const { model, data } = encodeModel(g, dataFile ? { dataFile } : {});
  const folder = mkdtempSync(join(tmpdir(), "paw-graph-"));
  try {
    writeFileSync(join(folder, "model.onnx"), model);
    if (dataFile) writeFileSync(join(folder, dataFile), Buffer.concat([...data()]));
    const session = await ort.InferenceSession.create(join(folder, "model.onnx"));
    const results = await session.run(feeds);
    for (const [name, value] of Object.entries(outputs)) {
      const found = results[name]?.dims ?? [];
      expect(found).toHaveLength(value.shape.length);
      for (const [i, size] of value.shape.entries()) if (typeof size === "number") expect(found[i]).toBe(size);
    }
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.data as Float32Array)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const float = (numbers: number[], dims: number[]) => new ort.Tensor("float32", Float32Array.from(numbers), dims);
const close = (found: number[] | undefined, expected: number[]) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found?.[i]).toBeCloseTo(value, 4);
};

describe("operators, run by onnxruntime", () => {
  it("multiplies matrices, also transposed by attribute, and adds", async () => {
    const { y, z, w } = await run(
      (g) => {
        const x = g.input("x", "float32", ["rows", 2]);
        const a = g.weight("a", "float32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
        const b = g.weight("b", "float32", [3, 2], Float32Array.of(1, 4, 2, 5, 3, 6));
        return {
          y: g.add(matMul, [x, a]),
          z: g.add(fusedMatMul, [x, b], { transB: 1 }),
          w: g.add(gemm, [x, b, g.weight("c", "float32", [3], Float32Array.of(10, 20, 30))], { transB: 1 }),
        };
      },
      { x: float([1, 1, 2, 0], [2, 2]) },
    );
    close(y, [5, 7, 9, 2, 4, 6]);
    close(z, [5, 7, 9, 2, 4, 6]);
    close(w, [15, 27, 39, 12, 24, 36]);
  });

  it("moves data about", async () => {
    const { swapped, left, joined, picked } = await run(
      (g) => {
        const x = g.input("x", "float32", [2, "n"]);
        const grid = g.add(reshape, [x, g.ints([2, -1, 2])]);
        const [left, right] = g.addAll(split, [grid, g.ints([1, 1])], { axis: -1 }) as [Value, Value];
        return {
          swapped: g.add(transpose, [grid], { perm: [2, 0, 1] }),
          left,
          joined: g.add(concat, [right, left], { axis: 2 }),
          picked: g.add(gather, [x, g.ints([1])], { axis: 0 }),
        };
      },
      { x: float([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]) },
    );
    close(swapped, [1, 3, 5, 7, 2, 4, 6, 8]);
    close(left, [1, 3, 5, 7]);
    close(joined, [2, 1, 4, 3, 6, 5, 8, 7]);
    close(picked, [5, 6, 7, 8]);
  });

  it("normalises", async () => {
    const { shares, normed, half } = await run(
      (g) => {
        const x = g.input("x", "float32", [1, 2]);
        const scale = g.weight("scale", "float32", [2], Float32Array.of(1, 2));
        return {
          shares: g.add(softmax, [x], { axis: -1 }),
          normed: g.add(rmsNorm, [x, scale], { axis: -1, epsilon: { float: 0 } }),
          half: g.add(mul, [g.add(add, [x, x]), g.scalar(0.25)]),
        };
      },
      { x: float([3, 4], [1, 2]) },
    );
    close(shares, [1 / (1 + Math.E), Math.E / (1 + Math.E)]);
    const rms = Math.sqrt(12.5);
    close(normed, [3 / rms, 8 / rms]);
    close(half, [1.5, 2]);
  });

  it("multiplies with a 4-bit weight and float16 scales", async () => {
    // One row of 32 codes 0, 1, .. 15, 0, 1, .. with scale 0.5: value = (code - 8) / 2.
    const codes = Uint8Array.from({ length: 16 }, (_, i) => ((2 * i) % 16) | (((2 * i + 1) % 16) << 4));
    const { y } = await run(
      (g) => {
        const x = g.input("x", "float32", [1, 32]);
        const scales = g.weight("scales", "float16", [1], Uint16Array.of(0x3800));
        return {
          y: g.add(
            matMulNBits,
            [
              x,
              g.weight("codes", "uint8", [1, 1, 16], codes),
              g.add(cast, [scales], { to: elementTypes.float32.code }),
            ],
            { K: 32, N: 1, bits: 4, block_size: 32, accuracy_level: 0 },
          ),
        };
      },
      { x: float(new Array(32).fill(1), [1, 32]) },
    );
    close(y, [-8]);
  });

  it("keeps weights in an external file", async () => {
    const { y } = await run(
      (g) => {
        const x = g.input("x", "float32", [1, 2]);
        const first = g.weight("first", "float32", [2, 1], () => new Uint8Array(Float32Array.of(1, 2).buffer));
        const second = g.weight("second", "float32", [1], Float32Array.of(0.5));
        return { y: g.add(add, [g.add(matMul, [x, first]), second]) };
      },
      { x: float([3, 4], [1, 2]) },
      "weights.data",
    );
    close(y, [11.5]);
  });
});

describe("named sizes", () => {
  const g = new Graph("names");
  const x = g.input("x", "float32", ["batch", "tokens", 4]);
  const reshaped = (value: Value, ...shape: (number | string)[]) => g.add(reshape, [value, g.sizes(shape)]).shape;

  it("multiply and divide in a reshape, whatever their order", () => {
    expect(reshaped(x, -1, 4)).toEqual(["batch*tokens", 4]);
    expect(reshaped(g.add(transpose, [x], { perm: [1, 2, 0] }), -1, 2)).toEqual(["2*batch*tokens", 2]);
    expect(reshaped(g.add(reshape, [x, g.ints([-1, 2])]), "batch", "tokens", -1)).toEqual(["batch", "tokens", 4]);
    expect(reshaped(x, 3, -1)).toEqual([3, "(4*batch*tokens)/(3)"]);
    const both = g.add(concat, [x, x], { axis: 1 });
    expect(reshaped(both, -1, 4)).toEqual(["(tokens+tokens)*batch", 4]);
    expect(reshaped(g.add(reshape, [both, g.ints([-1, 4])]), "batch", -1, 4)).toEqual(["batch", "(tokens+tokens)", 4]);
  });

  it("are read from the inputs when the model runs", async () => {
    const { sums, middle, wide } = await run(
      (g) => {
        const a = g.input("a", "float32", ["rows", "left"]);
        const b = g.input("b", "float32", ["rows", 1]);
        const c = g.input("c", "float32", ["rows", "right"]);
        const all = g.add(concat, [a, b, c], { axis: 1 });
        const [, middle, right] = g.addAll(split, [all, g.sizes(["left", 1, "right"])], { axis: 1 }) as Value[];
        return {
          sums: g.add(reduceSum, [g.add(expand, [right as Value, g.sizes([2, "rows", "right"])]), g.ints([0, 2])], {
            keepdims: 0,
          }),
          middle: middle as Value,
          wide: g.add(reshape, [all, g.sizes([1, "rows", -1])]),
        };
      },
      { a: float([1, 2, 3, 4], [2, 2]), b: float([5, 6], [2, 1]), c: float([7, 8, 9, 10, 11, 12], [2, 3]) },
    );
    close(sums, [48, 66]);
    close(middle, [5, 6]);
    close(wide, [1, 2, 5, 7, 8, 9, 3, 4, 6, 10, 11, 12]);
  });

  it.each([
    ["a shape they cannot fill", () => reshaped(x, "batch", "tokens", 5), "[batch, tokens, 4] does not fill"],
    ["a name that no input has", () => g.sizes(["past", 4]), "no input of graph names has a size named past"],
    ["a sum that is another number", () => g.addAll(split, [x, g.ints([1, 2])], { axis: 2 }), "1 + 2 do not make up 4"],
  ])("mistakes: %s", (_name, build, message) => {
    expect(build).toThrow(GraphError);
    expect(build).toThrow(message);
  });
});

describe("mistakes are found while a graph is built", () => {
  const g = new Graph("mistakes");
  const x = g.input("x", "float32", ["batch", 4]);
  const w = g.weight("w", "float32", [3, 2], new Float32Array(6));
  const ids = g.input("ids", "int64", ["batch"]);

  it.each([
    [
      "inner sizes",
      () => g.add(matMul, [x, w]),
      "MatMul(x: float32[batch, 4], w: float32[3, 2]): inner sizes differ: 4 against 3",
    ],
    ["broadcasting", () => g.add(add, [x, w]), "do not broadcast: batch against 3"],
    ["element types", () => g.add(add, [x, ids]), "float32 and int64 do not mix"],
    [
      "a missing input",
      () => g.add(matMul, [x, undefined]),
      "MatMul(x: float32[batch, 4], (none)): input 1 is missing",
    ],
    ["an axis", () => g.add(softmax, [x], { axis: 2 }), "axis 2 is outside a rank of 2"],
    ["a reshape", () => g.add(reshape, [w, g.ints([4, 2])]), "[3, 2] does not fill [4, 2]"],
    ["a computed shape", () => g.add(reshape, [w, ids]), "has to be a constant made by Graph.ints"],
    ["a split", () => g.addAll(split, [w, g.ints([2, 2])], { axis: 0 }), "parts of 2 + 2 do not make up 3"],
    ["a permutation", () => g.add(transpose, [w], { perm: [0, 0] }), "[0, 0] is no order of 2 axes"],
    ["a name", () => g.input("x", "float32", []), "the name x is taken"],
    ["a weight's size", () => g.weight("v", "float32", [3], new Float32Array(2)), "float32[3] takes 12 bytes, not 8"],
    ["an axis named twice", () => g.add(reduceSum, [x, g.ints([1, -1])], { keepdims: 0 }), "name one twice"],
    ["a squeeze of more than 1", () => g.add(squeeze, [x, g.ints([1])]), "axis 1 has the size 4, not 1"],
    [
      "indices beside",
      () => g.add(gatherElements, [w, g.add(reshape, [ids, g.ints([-1, 1])])], { axis: 1 }),
      "[batch, 1]",
    ],
    [
      "positions",
      () => g.add(rotaryEmbedding, [g.add(unsqueeze, [x, g.ints([0])]), ids, w, w]),
      "positions are [batch], not [1] or [1, batch]",
    ],
    [
      "heads",
      () => g.add(rotaryEmbedding, [g.add(reshape, [x, g.ints([1, -1, 2])]), ids, w, w]),
      "[1, 2*batch, 2] does not consist of heads of 4",
    ],
    ["targets", () => crossEntropy(g, x, g.ints([0, 1]), x), "targets [n] or [n, k]"],
    [
      "a norm over another axis",
      () => g.add(rmsNorm, [x, x], { axis: 0, epsilon: { float: 1 } }),
      "scale of [batch, 4]",
    ],
    ["another graph", () => new Graph("other").add(softmax, [x], { axis: 0 }), "x belongs to another graph"],
  ])("%s", (_name, build, message) => {
    expect(build).toThrow(GraphError);
    expect(build).toThrow(message);
  });

  it("keeps numbers apart whose names are alike", () => {
    expect(g.scalar(1e21)).not.toBe(g.scalar(1e-21));
    expect(g.scalar(0.5)).toBe(g.scalar(0.5));
  });

  it("a weight that gives other bytes than it promised", () => {
    const g = new Graph("lies");
    g.output(
      "y",
      g.weight("w", "float32", [2], () => new Uint8Array(4)),
    );
    const { data } = encodeModel(g, { dataFile: "d" });
    expect(() => [...data()]).toThrow("w gave 4 bytes, not 8");
  });
});
