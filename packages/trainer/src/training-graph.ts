import {
  add,
  crossEntropy,
  differentiate,
  fusedMatMul,
  Graph,
  gather,
  type Shape,
  split,
  squeeze,
  type Value,
} from "@unplugin-paw/graph";
import {
  type AttendSeam,
  type LinearName,
  type LinearSeam,
  type LlamaConfig,
  linearNames,
  llama,
  ropeWeights,
  weightNames,
  weightShape,
} from "@unplugin-paw/interpreter/model";
import { batchAttention } from "./attention.ts";

/**
 * What can be trained, float32, all with one interface so that variants compare on one graph:
 * - `keys`, `values` `[layers, kvHeads, prefix, headSize]`: the prefix (https://arxiv.org/abs/2101.00190), keys after the rotary
 *   embedding at positions 0 to prefix - 1
 * - `NAME.down` `[layers, rank, inputs]` and `NAME.up` `[layers, outputs, rank]`, NAME of `linearNames`: a low-rank delta
 *   (https://arxiv.org/abs/2106.09685) of every layer's linear map, `x (W + up down)^T`
 */
export type Trainable = "keys" | "values" | `${LinearName}.${"down" | "up"}`;

export interface TrainingOptions {
  /** What gradients are wanted of. Default: keys and values. */
  trainables?: readonly Trainable[];
  /**
   * What an answer's token is chosen from. `vocabulary`: all tokens, for texts. `columns`: the rows of the vocabulary's
   * table that the input `columns` names, of which the input `allowed` lets each answer have some: for closed labels.
   */
  choice: "vocabulary" | "columns";
  /** Whether the model has a weight that not all models have (`output`, biases). Default: it has none. */
  has?: (name: string) => boolean;
}

/**
 * Forward and backward pass of the model over a batch of examples after one prefix. Frozen weights are inputs, fed from
 * one place in memory: nothing is packed or copied, and both directions of a product read the same tensor.
 *
 * Inputs beside weights and trainables: `ids` int64 `[batch, tokens]`, padded at the right with anything; `mask`
 * float32
 * `[tokens, tokens]`, the causal mask to be added to scores; `first` int64 `[1]`, the position of the first token (the whole
 * prefix's length); `rows` int64 `[rows]`, the places in the flattened batch that an answer's token is predicted at; `targets`
 * int64
 * `[rows, targets]` and `weights` float32, the same shape, as in `crossEntropy`; with columns, `columns` int64 `[columns]` and
 * `allowed` float32 `[rows, columns]`, 0 or `masked`, and targets count columns.
 * Outputs: `loss` `[]`, `logits` `[rows, vocabulary or columns]`, and `d NAME` for each trainable, of its shape.
 */
export function trainingGraph(config: LlamaConfig, options: TrainingOptions): Graph {
  const { layers, kvHeads, headSize } = config;
  const { trainables = ["keys", "values"], choice, has = () => false } = options;
  const g = new Graph("training");
  const ids = g.input("ids", "int64", ["batch", "tokens"]);
  const rows = g.input("rows", "int64", ["rows"]);
  const moving = new Map<string, Value>();

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
  const deltas = new Map<string, { down: Value; up: Value }>();
  for (const name of linearNames) {
    if (!trainables.some((trainable) => trainable === `${name}.down` || trainable === `${name}.up`)) continue;
    const [outputs, inputs] = weightShape(config, weightNames.linear(0, name)) as [number, number];
    const downs = perLayer(`${name}.down`, ["rank", inputs]);
    const ups = perLayer(`${name}.up`, [outputs, "rank"]);
    for (const [layer, down] of downs.entries())
      deltas.set(weightNames.linear(layer, name), { down, up: ups[layer] as Value });
  }

  const { cosines, sines } = ropeWeights(g, config);
  const mask = g.input("mask", "float32", ["tokens", "tokens"]);
  const context = { mask, first: g.input("first", "int64", [1]), cosines, sines };
  const attend: AttendSeam = (qkv, layer) =>
    batchAttention(g, config, context, qkv, keys[layer] as Value, values[layer] as Value);

  const weights = inputWeights(g, config, has);
  const columns = choice === "columns" ? g.input("columns", "int64", ["columns"]) : undefined;
  const linear = (x: Value, name: string): Value => {
    const isVocabulary = name === weightNames.output || name === weightNames.embedding;
    if (columns && isVocabulary) return product(g, x, weights.lookUp(columns, name));
    const y = weights.linear(x, name);
    const delta = deltas.get(name);
    return delta ? g.add(add, [y, product(g, product(g, x, delta.down), delta.up)]) : y;
  };

  // A low-rank delta is of the whole product.
  const { halves: _, ...whole } = weights;
  const seam = { ...(deltas.size === 0 ? weights : whole), linear };

  let logits = llama(g, config, { ids, rows, training: true }, seam, attend);
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

/** `x [tokens, inputs] x matrix^T -> [tokens, outputs]` */
const product = (g: Graph, x: Value, matrix: Value): Value => g.add(fusedMatMul, [x, matrix], { transB: 1 });

/** What the upper and the lower half of a matrix's rows are called, as inputs of their own. */
export const halfNames = (matrix: string): [string, string] => [`${matrix}.upper`, `${matrix}.lower`];

/** Weights as inputs, each declared where it is first used. */
function inputWeights(g: Graph, config: LlamaConfig, has: (name: string) => boolean): LinearSeam {
  const made = new Map<string, Value>();
  const input = (name: string, shape = weightShape(config, name)): Value => {
    const value = made.get(name) ?? g.input(name, "float32", shape);
    made.set(name, value);
    return value;
  };
  return {
    has,
    linear: (x, name) => product(g, x, input(name)),
    // Two products cost what one does, and their outputs need not be cut apart, nor the gradients joined.
    halves: (x, name) => {
      const [rows, columns] = weightShape(config, name) as [number, number];
      const [upper, lower] = halfNames(name).map((half) => input(half, [rows / 2, columns])) as [Value, Value];
      return [product(g, x, upper), product(g, x, lower)];
    },
    lookUp: (ids, name) => g.add(gather, [input(name), ids], { axis: 0 }),
    vector: input,
  };
}
