import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkGradients, random } from "./gradient.fixture.ts";
import {
  add,
  concat,
  crossEntropy,
  differentiate,
  encodeModel,
  fusedMatMul,
  Graph,
  gather,
  groupQueryAttention,
  matMul,
  mul,
  quickGelu,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  softmax,
  split,
  transpose,
  type Value,
} from "./index.ts";

/*
 * A whole Llama, tiny and random, that answers behind a key-value prefix: the blueprint of a training graph. The prefix is
 * stored once and shared by the batch. Query heads that share a key-value head are rows of one product, so that keys and
 * values are never repeated, and rows of the whole batch meet the prefix in one product, so that its gradient needs no sum over
 * the batch.
 */

interface Config {
  layers: number;
  width: number;
  heads: number;
  kvHeads: number;
  headSize: number;
  feedForward: number;
  vocabulary: number;
}

const positions = 16;
const sizes = { batch: 2, tokens: 4, prefix: 3, rows: 3 };

/** A frozen matrix `[outputs, inputs]`, or a scale `[inputs]`, of random numbers. */
function weight(g: Graph, name: string, ...shape: number[]): Value {
  const next = random(name.length + shape.reduce((a, b) => a * 31 + b, 0), -1, 1);
  return g.weight(name, "float32", shape, Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next));
}

/** `x [..., inputs] -> [..., outputs]` */
const linear = (g: Graph, x: Value, w: Value) => g.add(fusedMatMul, [x, w], { transB: 1 });

/** Cosines and sines, each `[positions, headSize / 2]`. */
function rotation(g: Graph, { headSize }: Config): [Value, Value] {
  const half = headSize / 2;
  const angles = Array.from({ length: positions * half }, (_, i) => Math.floor(i / half) * 100 ** (-(i % half) / half));
  return [
    g.weight("cosines", "float32", [positions, half], Float32Array.from(angles, Math.cos)),
    g.weight("sines", "float32", [positions, half], Float32Array.from(angles, Math.sin)),
  ];
}

interface Context {
  /** float32 `[tokens, tokens]`: 0 where a token (row) sees another (column), -1e9 where it does not. */
  mask: Value;
  /** int64 `[1]`: the position of the first token, behind the prefix. */
  first: Value;
  rotation: [Value, Value];
}

/**
 * Attention over a prefix and the tokens themselves: qkv `[batch * tokens, (heads + 2 kvHeads) * headSize]` and prefix keys and
 * values `[1, kvHeads, prefix, headSize]` to `[batch * tokens, heads * headSize]`.
 */
function attention(g: Graph, config: Config, context: Context, qkv: Value, keys: Value, values: Value): Value {
  const { heads, kvHeads, headSize } = config;
  const group = heads / kvHeads;
  const alpha = { float: headSize ** -0.5 };
  const shaped = (x: Value, ...shape: (number | string)[]) => g.add(reshape, [x, g.sizes(shape)]);

  const [qk, v] = g.addAll(split, [qkv, g.ints([(heads + kvHeads) * headSize, kvHeads * headSize])], {
    axis: -1,
  }) as [Value, Value];
  const packed = shaped(qk, "batch", "tokens", (heads + kvHeads) * headSize);
  const rotated = g.add(rotaryEmbedding, [packed, context.first, ...context.rotation]);
  const [q, k] = g.addAll(split, [rotated, g.ints([heads * headSize, kvHeads * headSize])], { axis: -1 }) as [
    Value,
    Value,
  ];
  // [kvHeads, batch, group, tokens, headSize]
  const queries = g.add(transpose, [shaped(q, "batch", "tokens", kvHeads, group, headSize)], { perm: [2, 0, 3, 1, 4] });
  // [kvHeads, batch, tokens, headSize]
  const byHead = (x: Value) =>
    g.add(transpose, [shaped(x, "batch", "tokens", kvHeads, headSize)], { perm: [2, 0, 1, 3] });
  // [kvHeads, prefix, headSize]
  const [prefixKeys, prefixValues] = [keys, values].map((x) => shaped(x, kvHeads, "prefix", headSize)) as [
    Value,
    Value,
  ];

  // [kvHeads, batch * group * tokens, prefix]
  const toPrefix = g.add(fusedMatMul, [shaped(queries, kvHeads, -1, headSize), prefixKeys], { transB: 1, alpha });
  // [kvHeads, batch, group * tokens, tokens]
  const toTokens = g.add(fusedMatMul, [shaped(queries, kvHeads, "batch", -1, headSize), byHead(k)], {
    transB: 1,
    alpha,
  });
  // [kvHeads, batch, group, tokens, prefix + tokens]
  const scores = g.add(
    concat,
    [
      shaped(toPrefix, kvHeads, "batch", group, "tokens", "prefix"),
      g.add(add, [shaped(toTokens, kvHeads, "batch", group, "tokens", "tokens"), context.mask]),
    ],
    { axis: -1 },
  );
  const shares = g.add(softmax, [scores], { axis: -1 });
  const [ofPrefix, ofTokens] = g.addAll(split, [shares, g.sizes(["prefix", "tokens"])], { axis: -1 }) as [Value, Value];
  // [kvHeads, batch * group * tokens, headSize] and [kvHeads, batch, group * tokens, headSize]
  const fromPrefix = g.add(matMul, [shaped(ofPrefix, kvHeads, -1, "prefix"), prefixValues]);
  const fromTokens = g.add(matMul, [shaped(ofTokens, kvHeads, "batch", -1, "tokens"), byHead(v)]);
  const grouped = [kvHeads, "batch", group, "tokens", headSize];
  const attended = g.add(add, [shaped(fromPrefix, ...grouped), shaped(fromTokens, ...grouped)]);
  // [batch, tokens, kvHeads, group, headSize]
  const byToken = g.add(transpose, [attended], { perm: [1, 3, 0, 2, 4] });
  return shaped(byToken, -1, heads * headSize);
}

/** The model's inputs beside the prefix: ids `[batch, tokens]`, the rows of the answers, their targets and weights. */
function llamaLoss(g: Graph, config: Config, embedding: Value, prefix: (layer: number) => [Value, Value]): Value {
  const { layers, width, heads, kvHeads, headSize, feedForward } = config;
  const ids = g.input("ids", "int64", ["batch", "tokens"]);
  const context = {
    mask: g.input("mask", "float32", ["tokens", "tokens"]),
    first: g.input("first", "int64", [1]),
    rotation: rotation(g, config),
  };
  const norm = (x: Value, name: string) =>
    g.add(rmsNorm, [x, weight(g, name, width)], { axis: -1, epsilon: { float: 1e-5 } });

  // [batch * tokens, width], as everything but attention
  let residual = g.add(gather, [embedding, g.add(reshape, [ids, g.ints([-1])])], { axis: 0 });
  for (let layer = 0; layer < layers; layer++) {
    const [keys, values] = prefix(layer);
    const normed = norm(residual, `${layer}.attention_norm`);
    const qkv = linear(g, normed, weight(g, `${layer}.qkv`, (heads + 2 * kvHeads) * headSize, width));
    const attended = attention(g, config, context, qkv, keys, values);
    const mixed = linear(g, attended, weight(g, `${layer}.attention_output`, width, heads * headSize));
    residual = g.add(add, [residual, mixed]);

    const gateUp = linear(
      g,
      norm(residual, `${layer}.feed_forward_norm`),
      weight(g, `${layer}.gate_up`, 2 * feedForward, width),
    );
    const [gate, up] = g.addAll(split, [gateUp, g.ints([feedForward, feedForward])], { axis: -1 }) as [Value, Value];
    const gated = g.add(mul, [g.add(quickGelu, [gate], { alpha: { float: 1 } }), up]);
    residual = g.add(add, [residual, linear(g, gated, weight(g, `${layer}.down`, width, feedForward))]);
  }
  // Only the rows of answers go through the vocabulary projection.
  const answers = g.add(gather, [residual, g.input("rows", "int64", ["rows"])], { axis: 0 });
  const logits = linear(g, norm(answers, "output_norm"), embedding);
  return crossEntropy(g, logits, g.input("targets", "int64", ["rows"]), g.input("weights", "float32", ["rows"]));
}

const int64 = (numbers: number[], dims = [numbers.length]) => new ort.Tensor("int64", numbers.map(BigInt), dims);
const causal = Float32Array.from({ length: sizes.tokens ** 2 }, (_, i) =>
  i % sizes.tokens > Math.floor(i / sizes.tokens) ? -1e9 : 0,
);
const feeds = {
  ids: int64([5, 22, 0, 7, 5, 1, 9, 3], [2, 4]),
  mask: new ort.Tensor("float32", causal, [sizes.tokens, sizes.tokens]),
  first: int64([sizes.prefix]),
  rows: int64([2, 3, 6]),
  targets: int64([22, 4, 11]),
  weights: new ort.Tensor("float32", [0.25, 0.25, 0.5], [3]),
};

const tiny: Config = { layers: 2, width: 16, heads: 2, kvHeads: 1, headSize: 8, feedForward: 24, vocabulary: 23 };
const prefixShape = ({ kvHeads, headSize }: Config) => [1, kvHeads, "prefix", headSize] as const;
const prefixNames = ({ layers }: Config) =>
  Array.from({ length: layers }, (_, layer) => [`keys.${layer}`, `values.${layer}`]).flat();

describe("a tiny Llama", () => {
  it.each([
    ["2 heads on 1 key-value head", tiny],
    ["4 heads on 2 key-value heads", { ...tiny, heads: 4, kvHeads: 2, headSize: 4 }],
  ])("has the prefix's gradients of finite differences: %s", async (_name, config) => {
    const names = prefixNames(config);
    const g = await checkGradients({
      trainables: Object.fromEntries(names.map((name) => [name, { shape: prefixShape(config) }])),
      sizes,
      feeds,
      loss: (g, prefix) =>
        llamaLoss(
          g,
          config,
          weight(g, "embedding", config.vocabulary, config.width),
          (layer) => [prefix[`keys.${layer}`], prefix[`values.${layer}`]] as [Value, Value],
        ),
    });
    // Every frozen weight is there once, and read at most twice: forward and back.
    for (const { value, external } of g.constants) {
      const uses = g.nodes.filter(({ inputs }) => inputs.includes(value)).length;
      if (external && value.name !== "embedding" && value.name !== "cosines" && value.name !== "sines")
        expect(uses, value.name).toBeLessThanOrEqual(2);
    }
  });

  it("has the gradient of a tied vocabulary, looked up and projected on", async () => {
    const config = { ...tiny, layers: 1, width: 4, heads: 2, headSize: 2, feedForward: 4 };
    await checkGradients({
      trainables: {
        embedding: { shape: [config.vocabulary, config.width] },
        keys: { shape: prefixShape(config) },
        values: { shape: prefixShape(config) },
      },
      sizes,
      feeds,
      loss: (g, { embedding, keys, values }) =>
        llamaLoss(g, config, embedding as Value, () => [keys, values] as [Value, Value]),
    });
  });

  it("adds no more products than there are sides that move", () => {
    const g = new Graph("count");
    const prefix = prefixNames(tiny).map((name) => g.input(name, "float32", prefixShape(tiny)));
    const embedding = weight(g, "embedding", tiny.vocabulary, tiny.width);
    const loss = llamaLoss(g, tiny, embedding, (layer) => prefix.slice(2 * layer, 2 * layer + 2) as [Value, Value]);
    const products = () => g.nodes.filter(({ operator: { name } }) => /MatMul/.test(name)).length;
    const forward = products();
    const constants = g.constants.filter(({ external }) => external).length;
    differentiate(loss, prefix);
    // A layer has 4 linear maps and 4 products of attention; and one projection.
    expect(forward).toBe(2 * 8 + 1);
    // Back: the projection 1; layer 1: 4 linear maps, both sides of 4 products. In layer 0 the tokens' own queries, keys and
    // values are frozen: 3 linear maps, the prefix's 2 products with their prefix side, and the shares of the prefix and of
    // the tokens.
    expect(products() - forward).toBe(1 + (4 + 8) + (3 + 2 + 2));
    expect(g.constants.filter(({ external }) => external)).toHaveLength(constants);
  });

  it("attends as GroupQueryAttention does", async () => {
    const config = { ...tiny, heads: 4, kvHeads: 2, headSize: 16 };
    const { heads, kvHeads, headSize } = config;
    const columns = (heads + 2 * kvHeads) * headSize;
    const g = new Graph("attention");
    const qkv = g.input("qkv", "float32", ["batch", "tokens", columns]);
    const prefix = ["keys", "values"].map((name) => g.input(name, "float32", prefixShape(config)));
    const context = {
      mask: g.input("mask", "float32", ["tokens", "tokens"]),
      first: g.input("first", "int64", [1]),
      rotation: rotation(g, config),
    };
    const flat = g.add(reshape, [qkv, g.ints([-1, columns])]);
    g.output("plain", attention(g, config, context, flat, ...(prefix as [Value, Value])));
    // onnxruntime's takes one sequence at a time behind a past.
    const lengths = g.input("lengths", "int32", [1]);
    const total = g.input("total", "int32", [1]);
    for (let i = 0; i < sizes.batch; i++) {
      const sequence = g.add(gather, [qkv, g.ints([i])], { axis: 0 });
      const inputs = [sequence, undefined, undefined, ...prefix, lengths, total, ...context.rotation];
      const attributes = { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 };
      g.output(`fused.${i}`, g.add(groupQueryAttention, inputs, attributes));
    }

    const { batch, tokens, prefix: prefixTokens } = sizes;
    const next = random(3);
    const floats = (...dims: number[]) =>
      new ort.Tensor("float32", Float32Array.from({ length: dims.reduce((a, b) => a * b) }, next), dims);
    const session = await ort.InferenceSession.create(encodeModel(g).model);
    const outputs = await session.run({
      qkv: floats(batch, tokens, columns),
      keys: floats(1, kvHeads, prefixTokens, headSize),
      values: floats(1, kvHeads, prefixTokens, headSize),
      mask: feeds.mask,
      first: feeds.first,
      lengths: new ort.Tensor("int32", [prefixTokens + tokens - 1], [1]),
      total: new ort.Tensor("int32", [prefixTokens + tokens], [1]),
    });
    const found = Array.from(outputs.plain?.data as Float32Array);
    const fused = Array.from({ length: batch }, (_, i) =>
      Array.from(outputs[`fused.${i}`]?.data as Float32Array),
    ).flat();
    expect(found).toHaveLength(fused.length);
    for (const [i, value] of fused.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });
});
