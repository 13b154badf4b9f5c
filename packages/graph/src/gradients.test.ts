import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkGradients, type GradientCheck, probe } from "./gradient.fixture.ts";
import type { Graph, Value } from "./index.ts";
import * as graph from "./index.ts";

const positive = [0.5, 1.5] as const;
const sizes = { batch: 2, tokens: 3 };

interface Case extends Omit<GradientCheck, "loss"> {
  y: (g: Graph, inputs: Record<string, Value>) => Value;
}

/** An int64 constant of any shape. */
const ids = (g: Graph, numbers: number[], shape: number[]) => g.add(graph.reshape, [g.ints(numbers), g.ints(shape)]);

const cases: Record<string, Case> = {
  "add, one repeated over rows": {
    trainables: { a: { shape: ["tokens", 4] }, b: { shape: [4] } },
    y: (g, { a, b }) => g.add(graph.add, [a, b]),
  },
  "sub, both repeated": {
    trainables: { a: { shape: ["tokens", 1] }, b: { shape: [1, "batch"] } },
    y: (g, { a, b }) => g.add(graph.sub, [a, b]),
  },
  "mul, repeated over leading and inner axes": {
    trainables: { a: { shape: ["batch", "tokens", 4] }, b: { shape: [1, 4] } },
    y: (g, { a, b }) => g.add(graph.mul, [a, b]),
  },
  "mul by a scalar": {
    trainables: { a: { shape: [] }, b: { shape: ["tokens", 4] } },
    y: (g, { a, b }) => g.add(graph.mul, [a, b]),
  },
  "mul of a value with itself": {
    trainables: { a: { shape: ["tokens"] } },
    y: (g, { a }) => g.add(graph.mul, [a, a]),
  },
  div: {
    trainables: { a: { shape: [3, "batch"] }, b: { shape: ["batch"], range: positive } },
    y: (g, { a, b }) => g.add(graph.div, [a, b]),
  },
  neg: { trainables: { x: { shape: ["tokens"] } }, y: (g, { x }) => g.add(graph.neg, [x]) },
  exp: { trainables: { x: { shape: ["tokens"] } }, y: (g, { x }) => g.add(graph.exp, [x]) },
  sigmoid: { trainables: { x: { shape: ["tokens"], range: [-3, 3] } }, y: (g, { x }) => g.add(graph.sigmoid, [x]) },
  SiLU: {
    trainables: { x: { shape: ["tokens", 2], range: [-3, 3] } },
    y: (g, { x }) => g.add(graph.quickGelu, [x], { alpha: { float: 1 } }),
  },
  "quickGelu with another alpha": {
    trainables: { x: { shape: ["tokens", 2], range: [-3, 3] } },
    y: (g, { x }) => g.add(graph.quickGelu, [x], { alpha: { float: 1.7 } }),
  },
  "matMul of matrices": {
    trainables: { a: { shape: ["tokens", 4] }, b: { shape: [4, 2] } },
    y: (g, { a, b }) => g.add(graph.matMul, [a, b]),
  },
  "matMul of a batch with one matrix": {
    trainables: { a: { shape: ["batch", "tokens", 4] }, b: { shape: [4, 2] } },
    y: (g, { a, b }) => g.add(graph.matMul, [a, b]),
  },
  "matMul of one matrix with a batch": {
    trainables: { a: { shape: ["tokens", 4] }, b: { shape: ["batch", 4, 2] } },
    y: (g, { a, b }) => g.add(graph.matMul, [a, b]),
  },
  "matMul with both batches repeated": {
    trainables: { a: { shape: ["batch", 1, "tokens", 4] }, b: { shape: [1, 3, 4, 2] } },
    y: (g, { a, b }) => g.add(graph.matMul, [a, b]),
  },
  "gemm with a repeated summand": {
    trainables: { a: { shape: ["tokens", 4] }, b: { shape: [2, 4] }, c: { shape: [2] } },
    y: (g, { a, b, c }) => g.add(graph.gemm, [a, b, c], { transB: 1 }),
  },
  "gemm with a transposed left side": {
    trainables: { a: { shape: [4, "tokens"] }, b: { shape: [4, 2] }, c: { shape: ["tokens", 1] } },
    y: (g, { a, b, c }) => g.add(graph.gemm, [a, b, c], { transA: 1 }),
  },
  "reshape, one unknown size": {
    trainables: { x: { shape: ["tokens", 4] } },
    y: (g, { x }) => g.add(graph.softmax, [g.add(graph.reshape, [x, g.ints([2, -1])])], { axis: 0 }),
  },
  "reshape, two unknown sizes": {
    trainables: { x: { shape: ["batch", "tokens", 4] } },
    y: (g, { x }) => g.add(graph.softmax, [g.add(graph.reshape, [x, g.ints([-1, 2])])], { axis: 0 }),
  },
  "reshape to named sizes": {
    trainables: { x: { shape: ["batch", "tokens", 4] } },
    y(g, { x }) {
      const rows = g.add(graph.reshape, [x, g.ints([-1, 4])]);
      return g.add(graph.reshape, [g.add(graph.softmax, [rows], { axis: 0 }), g.sizes(["batch", "tokens", 2, 2])]);
    },
  },
  transpose: {
    trainables: { x: { shape: ["batch", 2, "tokens"] } },
    y: (g, { x }) => g.add(graph.softmax, [g.add(graph.transpose, [x], { perm: [2, 0, 1] })], { axis: 0 }),
  },
  "concat of named sizes": {
    trainables: { a: { shape: [2, "batch"] }, b: { shape: [2, "tokens"] }, c: { shape: [2, 1] } },
    y: (g, { a, b, c }) => g.add(graph.softmax, [g.add(graph.concat, [a, b, c], { axis: 1 })], { axis: 1 }),
  },
  split: {
    trainables: { x: { shape: [5, "batch"] } },
    y(g, { x }) {
      const [a, , b] = g.addAll(graph.split, [x, g.ints([2, 1, 2])], { axis: 0 }) as [Value, Value, Value];
      return g.add(graph.mul, [a, b]);
    },
  },
  "unsqueeze and squeeze": {
    trainables: { x: { shape: [1, "tokens"] } },
    y: (g, { x }) => g.add(graph.squeeze, [g.add(graph.unsqueeze, [x, g.ints([0, -1])]), g.ints([1])]),
  },
  "gather on axis 0, with repeated and negative ids": {
    trainables: { table: { shape: ["tokens", 2] } },
    y: (g, { table }) => g.add(graph.gather, [table, ids(g, [0, 2, 2, -1, 0, 0], [2, 3])], { axis: 0 }),
  },
  "gather on an inner axis": {
    trainables: { x: { shape: ["batch", 3, 2] } },
    y: (g, { x }) => g.add(graph.gather, [x, g.ints([2, 0, 2, 2])], { axis: 1 }),
  },
  gatherElements: {
    trainables: { x: { shape: [2, "tokens"] } },
    y: (g, { x }) => g.add(graph.gatherElements, [x, ids(g, [0, 2, 2, 1, 1, 1], [2, 3])], { axis: 1 }),
  },
  softmax: {
    trainables: { x: { shape: ["batch", "tokens"] } },
    y: (g, { x }) => g.add(graph.softmax, [x], { axis: -1 }),
  },
  "softmax over an inner axis": {
    trainables: { x: { shape: [2, "tokens", 2] } },
    y: (g, { x }) => g.add(graph.softmax, [x], { axis: 1 }),
  },
  logSoftmax: {
    trainables: { x: { shape: ["batch", "tokens"] } },
    y: (g, { x }) => g.add(graph.logSoftmax, [x], { axis: -1 }),
  },
  "reduceSum, axes kept": {
    trainables: { x: { shape: ["batch", "tokens", 2] } },
    y: (g, { x }) => g.add(graph.reduceSum, [x, g.ints([0, -1])], { keepdims: 1 }),
  },
  "reduceSum, axes dropped": {
    trainables: { x: { shape: ["batch", "tokens", 2] } },
    y: (g, { x }) => g.add(graph.reduceSum, [x, g.ints([1])], { keepdims: 0 }),
  },
  "reduceMean over a named and a known size": {
    trainables: { x: { shape: ["batch", "tokens", 2] } },
    y: (g, { x }) => g.add(graph.reduceMean, [x, g.ints([1, 2])], { keepdims: 0 }),
  },
  rmsNorm: {
    trainables: { x: { shape: ["batch", "tokens", 4] }, scale: { shape: [4] } },
    y: (g, { x, scale }) => g.add(graph.rmsNorm, [x, scale], { axis: -1, epsilon: { float: 0.1 } }),
  },
  "expand over a batch": {
    trainables: { x: { shape: [1, 2, "tokens"] } },
    feeds: { like: new ort.Tensor("float32", new Float32Array(2), [2]) },
    y(g, { x }) {
      g.input("like", "float32", ["batch"]);
      const wide = g.add(graph.expand, [x, g.sizes(["batch", 2, "tokens"])]);
      return g.add(graph.softmax, [wide], { axis: 1 });
    },
  },
  "rotaryEmbedding of packed heads": {
    trainables: { x: { shape: ["batch", "tokens", 8] } },
    y: (g, { x }) => g.add(graph.rotaryEmbedding, [x, g.ints([2]), ...rotation(g)]),
  },
  "rotaryEmbedding of separate heads, interleaved": {
    trainables: { x: { shape: [1, 2, 3, 4] } },
    y: (g, { x }) => g.add(graph.rotaryEmbedding, [x, ids(g, [4, 0, 2], [1, 3]), ...rotation(g)], { interleaved: 1 }),
  },
};

/** Cosines and sines for 5 positions and heads of 4. */
function rotation(g: Graph): [Value, Value] {
  const angles = Array.from({ length: 10 }, (_, i) => Math.floor(i / 2) * (i % 2 === 0 ? 1 : 0.3));
  return [
    g.weight("cosines", "float32", [5, 2], Float32Array.from(angles, Math.cos)),
    g.weight("sines", "float32", [5, 2], Float32Array.from(angles, Math.sin)),
  ];
}

describe("gradients agree with finite differences", () => {
  it.each(Object.entries(cases))("%s", async (_name, { y, ...check }) => {
    await checkGradients({ sizes, ...check, loss: (g, inputs) => probe(g, y(g, inputs)) });
  });

  describe.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])("fusedMatMul, transA %d, transB %d", (transA, transB) => {
    const left = (...batch: (string | number)[]) => [...batch, ...(transA ? [4, "tokens"] : ["tokens", 4])];
    const right = (...batch: (string | number)[]) => [...batch, ...(transB ? [2, 4] : [4, 2])];
    it.each([
      ["matrices", left(), right()],
      ["batches", left("batch", 3), right("batch", 3)],
      ["a batch and one matrix", left("batch"), right()],
      ["a batch and a shared one", left("batch", 2), right(1, 2)],
    ])("%s", async (_name, a, b) => {
      await checkGradients({
        sizes,
        trainables: { a: { shape: a }, b: { shape: b } },
        loss: (g, { a, b }) => probe(g, g.add(graph.fusedMatMul, [a, b], { transA, transB, alpha: { float: 0.5 } })),
      });
    });
  });

  it("crossEntropy of one token a row, some of them masked", async () => {
    const g = await checkGradients({
      sizes,
      trainables: { logits: { shape: ["tokens", 5] }, weights: { shape: ["tokens"], range: positive } },
      feeds: { targets: new ort.Tensor("int64", [4n, 0n, 4n], [3]) },
      loss: (g, { logits, weights }) =>
        graph.crossEntropy(g, logits as Value, g.input("targets", "int64", ["tokens"]), weights as Value),
    });
    // Its own rule, not those of its parts.
    expect(g.nodes.filter(({ operator }) => operator.name === "ScatterElements")).toHaveLength(1);
    expect(g.nodes.filter(({ operator }) => operator.name === "ConstantOfShape")).toHaveLength(0);
  });

  it("crossEntropy against the likeliest tokens of a teacher", async () => {
    await checkGradients({
      sizes,
      trainables: { logits: { shape: ["tokens", 5] } },
      feeds: {
        targets: new ort.Tensor("int64", [4n, 0n, 1n, 2n, 3n, 4n], [3, 2]),
        weights: new ort.Tensor("float32", [0.7, 0.3, 0.9, 0.05, 0, 0], [3, 2]),
      },
      loss: (g, { logits }) =>
        graph.crossEntropy(
          g,
          logits as Value,
          g.input("targets", "int64", ["tokens", 2]),
          g.input("weights", "float32", ["tokens", 2]),
        ),
    });
  });
});
