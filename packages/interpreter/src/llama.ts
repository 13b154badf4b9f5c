import {
  add,
  type Graph,
  gather,
  mul,
  quickGelu,
  reshape,
  rmsNorm,
  skipRmsNorm,
  split,
  type Value,
} from "@unplugin-paw/graph";
import type { LlamaConfig } from "./config.ts";
import { weightNames } from "./weights.ts";

/** The first seam: how a graph stores its weights and multiplies with them. Names are those of `weightNames`. */
export interface LinearSeam {
  /** Whether the model has a weight that not all models have: `output`, a bias. */
  has(name: string): boolean;
  /** `x [tokens, inputs] x matrix^T -> [tokens, outputs]` */
  linear(x: Value, matrix: string): Value;
  /**
   * The same in two halves of the outputs, each `[tokens, outputs / 2]`, where that is cheaper than to cut them apart;
   * only of matrices without a bias.
   */
  halves?(x: Value, matrix: string): [Value, Value];
  /** Rows of a matrix by their number: `ids [tokens] -> [tokens, width]` */
  lookUp(ids: Value, matrix: string): Value;
  /** A norm's scale or a bias, float32, one axis. */
  vector(name: string): Value;
}

/**
 * The second seam: queries, keys and values of all heads, side by side and not yet rotated, `[tokens, (heads + 2
 * kvHeads) * headSize]`, to what the heads gather, `[tokens, heads * headSize]`.
 */
export type AttendSeam = (qkv: Value, layer: number) => Value;

export interface LlamaInputs {
  /** int64, any shape; in order, they are the rows of everything between the seams. */
  ids: Value;
  /** int64 `[rows]`: the tokens whose logits are wanted. */
  rows: Value;
  /** Leaves out the fused nodes that have no gradient rule. Default false. */
  training?: boolean;
}

/**
 * The forward pass of a Llama-family model (https://arxiv.org/abs/2302.13971), the same for all graphs: what differs is
 * how they multiply with weights and how they attend.
 *
 * @returns logits `[rows, vocabulary]`
 * @example
 * g.output("logits", llama(g, config, { ids, rows }, blockWeights(g, stored), attend));
 */
export function llama(
  g: Graph,
  { layers, feedForward, normEpsilon }: LlamaConfig,
  { ids, rows, training = false }: LlamaInputs,
  weights: LinearSeam,
  attend: AttendSeam,
): Value {
  const epsilon = { float: normEpsilon };
  const wanted = (x: Value) => g.add(gather, [x, rows], { axis: 0 });
  const norm = (x: Value, name: string) => g.add(rmsNorm, [x, weights.vector(name)], { axis: -1, epsilon });
  const linear = (x: Value, matrix: string) => {
    const y = weights.linear(x, matrix);
    const bias = weightNames.bias(matrix);
    return weights.has(bias) ? g.add(add, [y, weights.vector(bias)]) : y;
  };
  const halves = (x: Value, matrix: string): [Value, Value] => {
    if (weights.halves && !weights.has(weightNames.bias(matrix))) return weights.halves(x, matrix);
    const sizes = g.ints([feedForward, feedForward]);
    return g.addAll(split, [linear(x, matrix), sizes], { axis: -1 }) as [Value, Value];
  };
  /** The residual stream with what a part of a layer adds to it, and its norm for the next part. */
  const join = (part: Value, stream: Value, name: string): [stream: Value, normed: Value] => {
    if (training) {
      const sum = g.add(add, [part, stream]);
      return [sum, norm(sum, name)];
    }
    const [normed, , , sum] = g.addAll(skipRmsNorm, [part, stream, weights.vector(name)], { epsilon }) as Value[];
    return [sum as Value, normed as Value];
  };

  let stream = weights.lookUp(g.add(reshape, [ids, g.ints([-1])]), weightNames.embedding);
  let normed = norm(stream, weightNames.attentionNorm(0));
  for (let layer = 0; layer < layers; layer++) {
    const last = layer === layers - 1;
    let attended = attend(linear(normed, weightNames.linear(layer, "qkv")), layer);
    // Behind the last attention only the wanted rows matter. (The run graph could use that, too: it would save less
    // than 2 % of a pass, and the last bits of logits, which programs were measured with, would change.)
    if (training && last) [attended, stream] = [wanted(attended), wanted(stream)];
    const mixed = linear(attended, weightNames.linear(layer, "attention_output"));
    [stream, normed] = join(mixed, stream, weightNames.feedForwardNorm(layer));

    const [gate, up] = halves(normed, weightNames.linear(layer, "gate_up"));
    // SwiGLU (https://arxiv.org/abs/2002.05202): silu(gate) * up
    const gated = g.add(mul, [g.add(quickGelu, [gate], { alpha: { float: 1 } }), up]);
    const down = linear(gated, weightNames.linear(layer, "down"));
    if (last) stream = g.add(add, [down, stream]);
    else [stream, normed] = join(down, stream, weightNames.attentionNorm(layer + 1));
  }
  // Only wanted rows go through the vocabulary's projection, a quarter of all weights.
  const final = norm(training ? stream : wanted(stream), weightNames.outputNorm);
  return linear(final, weights.has(weightNames.output) ? weightNames.output : weightNames.embedding);
}
