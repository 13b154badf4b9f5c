import {
  add,
  crossEntropy,
  differentiate,
  fusedMatMul,
  Graph,
  gather,
  mul,
  quickGelu,
  reshape,
  rmsNorm,
  type Shape,
  split,
  squeeze,
  type Value,
} from "@unplugin-paw/graph";
import { batchAttention } from "./attention.ts";
import type { LlamaConfig } from "./config.ts";
import { ropeTables } from "./rope.ts";

/**
 * What can be trained, float32, all behind one interface so that variants compare on one graph:
 * - `keys`, `values` `[layers, kvHeads, prefix, headSize]`: the prefix (https://arxiv.org/abs/2101.00190), keys after the rotary
 *   embedding at positions 0 to prefix - 1
 * - `bias` `[columns]`: added to the answers' logits
 * - `NAME.down` `[layers, rank, inputs]` and `NAME.up` `[layers, outputs, rank]`, NAME of {@link linearNames}: a low-rank delta
 *   (https://arxiv.org/abs/2106.09685) of every layer's linear map, `x (W + up down)^T`
 */
export type Trainable = "keys" | "values" | "bias" | `${LinearName}.${"down" | "up"}`;

/** The linear maps of a layer. */
export const linearNames = ["qkv", "attention_output", "gate_up", "down"] as const;
type LinearName = (typeof linearNames)[number];

export interface TrainingOptions {
  /** What gradients are wanted of. Default: keys and values. */
  trainables?: readonly Trainable[];
  /**
   * What an answer's token is chosen from. `vocabulary`: all tokens, for texts. `columns`: the rows of the vocabulary's table that
   * the input `columns` names, of which the input `allowed` lets each answer have some: for closed labels.
   */
  choice: "vocabulary" | "columns";
  /** Whether the vocabulary's projection is the embedding. Default true. */
  tied?: boolean;
}

/**
 * Forward and backward pass of a Llama-family model over a batch of examples behind one prefix. Frozen weights are inputs, fed from
 * one place in memory: nothing is packed or copied, and both directions of a product read the same tensor.
 *
 * Inputs beside weights and trainables: `ids` int64 `[batch, tokens]`, padded at the right with anything; `mask` float32
 * `[tokens, tokens]`, the causal mask to be added to scores; `first` int64 `[1]`, the position of the first token (the prefix's
 * length); `rows` int64 `[rows]`, the places in the flattened batch that an answer's token is predicted at; `targets` int64
 * `[rows, targets]` and `weights` float32, the same shape, as in `crossEntropy`; with columns, `columns` int64 `[columns]` and
 * `allowed` float32 `[rows, columns]`, 0 or -1e9, and targets count columns.
 * Outputs: `loss` `[]`, `logits` `[rows, vocabulary or columns]`, and `d NAME` for each trainable, of its shape.
 */
export function trainingGraph(config: LlamaConfig, options: TrainingOptions): Graph {
  const { layers, width, heads, kvHeads, headSize, feedForward } = config;
  const { trainables = ["keys", "values"], choice, tied = true } = options;
  const g = new Graph("training");
  const ids = g.input("ids", "int64", ["batch", "tokens"]);
  const rows = g.input("rows", "int64", ["rows"]);
  const moving = new Map<string, Value>();
  const weight = (name: string, ...shape: number[]) => g.input(name, "float32", shape);
  const norm = (x: Value, name: string) =>
    g.add(rmsNorm, [x, weight(name, width)], { axis: -1, epsilon: { float: config.normEpsilon } });

  /** A trainable input that holds one tensor a layer, taken apart. */
  const perLayer = (name: string, shape: Shape): Value[] => {
    const whole = g.input(name, "float32", [layers, ...shape]);
    moving.set(name, whole);
    const parts = g.addAll(split, [whole, g.ints(new Array(layers).fill(1))], { axis: 0 });
    return parts.map((part) => g.add(squeeze, [part, g.ints([0])]));
  };
  const [keys, values] = ["keys", "values"].map((name) => perLayer(name, [kvHeads, "prefix", headSize])) as [
    Value[],
    Value[],
  ];
  const sizesOf = {
    qkv: [(heads + 2 * kvHeads) * headSize, width],
    attention_output: [width, heads * headSize],
    gate_up: [2 * feedForward, width],
    down: [width, feedForward],
  } as const;
  const deltas = new Map(
    linearNames.flatMap((name) => {
      if (!trainables.some((trainable) => trainable === `${name}.down` || trainable === `${name}.up`)) return [];
      const [outputs, inputs] = sizesOf[name];
      const downs = perLayer(`${name}.down`, ["rank", inputs]);
      const ups = perLayer(`${name}.up`, [outputs, "rank"]);
      return [[name, { downs, ups }] as const];
    }),
  );
  /** `x [rows, inputs] -> [rows, outputs]` */
  const linear = (x: Value, layer: number, name: LinearName): Value => {
    const y = g.add(fusedMatMul, [x, weight(`${layer}.${name}`, ...sizesOf[name])], { transB: 1 });
    const delta = deltas.get(name);
    if (!delta) return y;
    const small = g.add(fusedMatMul, [x, delta.downs[layer]], { transB: 1 });
    return g.add(add, [y, g.add(fusedMatMul, [small, delta.ups[layer]], { transB: 1 })]);
  };

  const rope = ropeTables(config, config.contextLength);
  const ropeShape = [config.contextLength, headSize / 2];
  const context = {
    mask: g.input("mask", "float32", ["tokens", "tokens"]),
    first: g.input("first", "int64", [1]),
    cosines: g.weight("rope.cosines", "float32", ropeShape, rope.cos),
    sines: g.weight("rope.sines", "float32", ropeShape, rope.sin),
  };

  const embedding = weight("embedding", config.vocabulary, width);
  const wanted = (x: Value) => g.add(gather, [x, rows], { axis: 0 });
  // [batch * tokens, width], as everything but attention
  let residual = g.add(gather, [embedding, g.add(reshape, [ids, g.ints([-1])])], { axis: 0 });
  for (let layer = 0; layer < layers; layer++) {
    const qkv = linear(norm(residual, `${layer}.attention_norm`), layer, "qkv");
    let attended = batchAttention(g, config, context, qkv, keys[layer] as Value, values[layer] as Value);
    // Behind the last attention nothing but the answers' rows matters: [rows, width] from here on.
    if (layer === layers - 1) [attended, residual] = [attended, residual].map(wanted) as [Value, Value];
    residual = g.add(add, [residual, linear(attended, layer, "attention_output")]);
    const gateUp = linear(norm(residual, `${layer}.feed_forward_norm`), layer, "gate_up");
    const [gate, up] = g.addAll(split, [gateUp, g.ints([feedForward, feedForward])], { axis: -1 }) as [Value, Value];
    const gated = g.add(mul, [g.add(quickGelu, [gate], { alpha: { float: 1 } }), up]);
    residual = g.add(add, [residual, linear(gated, layer, "down")]);
  }
  const answers = norm(residual, "output_norm");
  const table = tied ? embedding : weight("output", config.vocabulary, width);
  const columns = choice === "columns" ? g.input("columns", "int64", ["columns"]) : undefined;
  let logits = g.add(fusedMatMul, [answers, columns ? g.add(gather, [table, columns], { axis: 0 }) : table], {
    transB: 1,
  });
  if (trainables.includes("bias")) {
    const bias = g.input("bias", "float32", ["columns"]);
    moving.set("bias", bias);
    logits = g.add(add, [logits, bias]);
  }
  if (columns) logits = g.add(add, [logits, g.input("allowed", "float32", ["rows", "columns"])]);
  const targets = g.input("targets", "int64", ["rows", "targets"]);
  const loss = crossEntropy(g, logits, targets, g.input("weights", "float32", ["rows", "targets"]));
  const gradients = differentiate(
    loss,
    trainables.map((name) => moving.get(name) as Value),
  );
  g.output("loss", loss);
  g.output("logits", logits);
  for (const [i, name] of trainables.entries()) g.output(`d ${name}`, gradients[i] as Value);
  return g;
}
