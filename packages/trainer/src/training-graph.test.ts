import { encodeModel, Graph, gather, groupQueryAttention, reshape, type Value } from "@unplugin-paw/graph";
import { type LlamaConfig, masked, ropeTables } from "@unplugin-paw/interpreter/model";
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { compareWithDifferences, random, randomTensor } from "../../graph/src/gradient.fixture.ts";
import { batchAttention } from "./attention.ts";
import { type TrainingOptions, trainingGraph } from "./training-graph.ts";

/** A whole Llama, tiny and random. */
const tiny: LlamaConfig = {
  layers: 2,
  width: 16,
  heads: 2,
  kvHeads: 1,
  headSize: 8,
  feedForward: 24,
  vocabulary: 23,
  contextLength: 16,
  ropeBase: 100,
  normEpsilon: 1e-5,
};
const sizes = { batch: 2, tokens: 4, prefix: 3, rows: 3, columns: 4, rank: 2, targets: 2 };

const int64 = (numbers: number[], dims = [numbers.length]) => new ort.Tensor("int64", numbers.map(BigInt), dims);
const float = (numbers: Iterable<number>, ...dims: number[]) =>
  new ort.Tensor("float32", Float32Array.from(numbers), dims);
const mask = float(
  Array.from({ length: sizes.tokens ** 2 }, (_, i) => (i % sizes.tokens > Math.floor(i / sizes.tokens) ? masked : 0)),
  sizes.tokens,
  sizes.tokens,
);
const batch = {
  ids: int64([5, 22, 0, 7, 5, 1, 9, 3], [2, 4]),
  mask,
  first: int64([sizes.prefix]),
  rows: int64([2, 3, 6]),
};
/** Two likely tokens for the first row, as a teacher gives them; one for the others. */
const ofVocabulary = {
  targets: int64([22, 3, 4, 0, 11, 0], [3, 2]),
  weights: float([0.2, 0.05, 0.25, 0, 0.5, 0], 3, 2),
};
const ofColumns = {
  columns: int64([22, 3, 8, 11]),
  allowed: float([0, 0, masked, masked, 0, 0, 0, 0, masked, 0, 0, 0], 3, 4),
  targets: int64([1, 0, 2, 0, 3, 0], [3, 2]),
  weights: float([0.25, 0, 0.25, 0, 0.5, 0], 3, 2),
};

/** The batch, and random numbers for every weight and trainable; small ones for deltas, which bend the loss most. */
function feedsOf(g: Graph, choice: TrainingOptions["choice"]): Record<string, ort.Tensor> {
  const given: Record<string, ort.Tensor> = { ...batch, ...(choice === "columns" ? ofColumns : ofVocabulary) };
  const next = random(7);
  const numbers = g.inputs.map(({ name, shape }) => {
    const range = /^[a-z].*\.(down|up)$/.test(name) ? ([-0.3, 0.3] as const) : undefined;
    return [name, given[name] ?? randomTensor(shape, sizes, next, range)];
  });
  return Object.fromEntries(numbers);
}

describe("the training graph", () => {
  it.each<[string, Partial<LlamaConfig>, TrainingOptions]>([
    ["the prefix, 2 heads on 1 key-value head", {}, { choice: "vocabulary" }],
    [
      "the prefix, 4 heads on 2",
      { heads: 4, kvHeads: 2, headSize: 4 },
      { choice: "vocabulary", has: (name) => name === "output" },
    ],
    ["values alone, of closed labels", {}, { choice: "columns", trainables: ["values"] }],
    ["the prefix, with biases", {}, { choice: "vocabulary", has: (name) => name.endsWith("qkv.bias") }],
    [
      "low-rank deltas",
      { width: 8, feedForward: 8, headSize: 4 },
      { choice: "vocabulary", trainables: ["qkv.down", "qkv.up", "gate_up.down", "gate_up.up", "down.up"] },
    ],
  ])("has the gradients of finite differences: %s", async (_name, sizes, options) => {
    const g = trainingGraph({ ...tiny, ...sizes }, options);
    await compareWithDifferences(g, options.trainables ?? ["keys", "values"], feedsOf(g, options.choice));
  });

  it("lets closed labels be chosen from what is allowed only", async () => {
    const g = trainingGraph(tiny, { choice: "columns" });
    const session = await ort.InferenceSession.create(encodeModel(g).model);
    const { logits } = await session.run(feedsOf(g, "columns"), ["logits"]);
    expect(logits?.dims).toEqual([3, 4]);
    const forbidden = Array.from(logits?.data as Float32Array, (value) => value < masked / 2);
    expect(forbidden).toEqual(Array.from(ofColumns.allowed.data as Float32Array, (value) => value === masked));
  });

  it("has no constant but small ones, and no more products than there are sides that move", () => {
    const g = trainingGraph(tiny, { choice: "vocabulary" });
    for (const { value, shape } of g.constants) {
      expect(
        shape.reduce((product, size) => product * size, 1),
        value.name,
      ).toBeLessThan(100);
    }
    const products = g.nodes.filter(({ operator: { name } }) => /MatMul/.test(name)).length;
    // Forward: a layer has 4 linear maps, one of them in halves, and 4 products of attention; and one projection.
    const forward = 2 * 9 + 1;
    // Back: the projection 1; layer 1: 5 linear products, both sides of 4 others. In layer 0 the tokens' own queries,
    // keys and values are frozen: 4 linear products, the prefix's 2 products with their prefix side, and the shares of the
    // prefix and of the tokens.
    expect(products - forward).toBe(1 + (5 + 8) + (4 + 2 + 2));
  });
});

describe("attention of a batch", () => {
  it("is what GroupQueryAttention computes", async () => {
    const config = { ...tiny, heads: 4, kvHeads: 2, headSize: 16 };
    const { heads, kvHeads, headSize, contextLength } = config;
    const columns = (heads + 2 * kvHeads) * headSize;
    const g = new Graph("attention");
    const qkv = g.input("qkv", "float32", ["batch", "tokens", columns]);
    const prefix = ["keys", "values"].map((name) => g.input(name, "float32", [1, kvHeads, "prefix", headSize]));
    const { cos, sin } = ropeTables(config, contextLength);
    const rotation = [
      g.weight("cosines", "float32", [contextLength, headSize / 2], cos),
      g.weight("sines", "float32", [contextLength, headSize / 2], sin),
    ] as const;
    const context = {
      mask: g.input("mask", "float32", ["tokens", "tokens"]),
      first: g.input("first", "int64", [1]),
      cosines: rotation[0],
      sines: rotation[1],
    };
    const flat = g.add(reshape, [qkv, g.ints([-1, columns])]);
    const [keys, values] = prefix.map((x) => g.add(reshape, [x, g.sizes([kvHeads, "prefix", headSize])])) as [
      Value,
      Value,
    ];
    g.output("plain", batchAttention(g, config, context, flat, keys, values));
    // onnxruntime's takes one sequence at a time behind a past.
    const lengths = g.input("lengths", "int32", [1]);
    const total = g.input("total", "int32", [1]);
    for (let i = 0; i < sizes.batch; i++) {
      const sequence = g.add(gather, [qkv, g.ints([i])], { axis: 0 });
      const inputs = [sequence, undefined, undefined, ...prefix, lengths, total, ...rotation];
      const attributes = { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 };
      g.output(`fused.${i}`, g.add(groupQueryAttention, inputs, attributes));
    }

    const { batch: count, tokens, prefix: prefixTokens } = sizes;
    const next = random(3);
    const session = await ort.InferenceSession.create(encodeModel(g).model);
    const outputs = await session.run({
      qkv: randomTensor([count, tokens, columns], {}, next),
      keys: randomTensor([1, kvHeads, prefixTokens, headSize], {}, next),
      values: randomTensor([1, kvHeads, prefixTokens, headSize], {}, next),
      mask,
      first: batch.first,
      lengths: new ort.Tensor("int32", [prefixTokens + tokens - 1], [1]),
      total: new ort.Tensor("int32", [prefixTokens + tokens], [1]),
    });
    const found = Array.from(outputs.plain?.data as Float32Array);
    const fused = Array.from({ length: count }, (_, i) =>
      Array.from(outputs[`fused.${i}`]?.data as Float32Array),
    ).flat();
    expect(found).toHaveLength(fused.length);
    for (const [i, value] of fused.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });
});
