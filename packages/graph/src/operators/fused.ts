import type { Operator, Value } from "../graph.ts";
import { type Dimension, GraphError } from "../value-type.ts";
import { floats, need } from "./check.ts";
import { add, mul, neg, sigmoid, sub } from "./elementwise.ts";

/**
 * Matrix product with a weight stored in blocks of `bits` bits: `x [..., K] -> [..., N]`. Inputs: x, weight
 * `uint8 [N, K / block, block * bits / 8]`, scales `[N * K / block]`, zero points `uint8 [N * K / block * bits / 8]`
 * (left out: the middle of the range). `accuracy_level` 4 multiplies in int8, 0 in float32.
 * (onnxruntime, docs/ContribOperators.md)
 */
export const matMulNBits: Operator<{ K: number; N: number; bits: number; block_size: number; accuracy_level: number }> =
  {
    name: "MatMulNBits",
    domain: "com.microsoft",
    infer(inputs, { K, N, bits, block_size }) {
      const x = need(inputs, 0, floats);
      const weight = need(inputs, 1, ["uint8"]);
      const scales = need(inputs, 2, [x.type]);
      if (x.shape.at(-1) !== K) throw new GraphError(`the input's width is ${x.shape.at(-1)}, not K = ${K}`);
      const blocks = Math.ceil(K / block_size);
      if (weight.shape.join() !== [N, blocks, (block_size * bits) / 8].join())
        throw new GraphError("the weight does not have N, K and bits");
      const scaleCount = scales.shape.reduce<number>((product, size) => product * Number(size), 1);
      if (scaleCount !== N * blocks) throw new GraphError(`${scaleCount} scales for ${N * blocks} blocks`);
      return [{ type: x.type, shape: [...x.shape.slice(0, -1), N] }];
    },
  };

/**
 * Attention of onnxruntime with grouped key-value heads, rotary embedding and cache in one node. Inputs: query
 * `[batch, tokens, heads * headSize]` (or query, key and value packed in one, the next two left out), key, value
 * `[batch, tokens, kvHeads * headSize]`, past keys and values `[batch, kvHeads, capacity, headSize]`, `seqlens_k` int32 `[batch]`
 * (tokens in all, minus 1), total sequence length int32 `[1]`, rotary cosines and sines `[positions, headSize / 2]`,
 * position ids
 * `[batch, tokens]`, attention bias `[batch or 1, heads or 1, tokens, total]` (added to the scores, on top of the causal mask).
 * Outputs: `[batch, tokens, heads * headSize]`, present keys, present values. Present and past may be the same memory:
 * new tokens are then written in place and nothing is copied.
 */
export const groupQueryAttention: Operator<{
  num_heads: number;
  kv_num_heads: number;
  do_rotary?: number;
  rotary_interleaved?: number;
}> = {
  name: "GroupQueryAttention",
  domain: "com.microsoft",
  infer(inputs, { num_heads, kv_num_heads }) {
    const query = need(inputs, 0, floats);
    const past = need(inputs, 3, floats);
    need(inputs, 4, floats);
    need(inputs, 5, ["int32"]);
    need(inputs, 6, ["int32"]);
    const [batch, heads, , headSize] = past.shape;
    if (heads !== kv_num_heads) throw new GraphError(`past keys have ${heads} heads, not ${kv_num_heads}`);
    const packed = inputs[1] ? 0 : 2 * kv_num_heads;
    const width = (num_heads + packed) * Number(headSize);
    if (query.shape.at(-1) !== width) throw new GraphError(`the query's width is ${query.shape.at(-1)}, not ${width}`);
    const present = { type: past.type, shape: [batch as Dimension, kv_num_heads, "present", headSize as Dimension] };
    return [{ type: query.type, shape: [...query.shape.slice(0, -1), num_heads * Number(headSize)] }, present, present];
  },
};

/** `x * sigmoid(alpha * x)`: SiLU for alpha 1. */
export const quickGelu: Operator<{ alpha: { float: number } }> = {
  name: "QuickGelu",
  domain: "com.microsoft",
  infer: (inputs) => [need(inputs, 0, floats)],
  // With s = sigmoid(alpha x): dx = dy (s + alpha y (1 - s)) = dy s (1 + alpha (x - y))
  gradient(g, { inputs: [x], outputs: [y], attributes: { alpha } }, [dy]) {
    const s = g.add(sigmoid, [alpha.float === 1 ? x : g.add(mul, [x, g.scalar(alpha.float)])]);
    const rest = g.add(sub, [x, y]);
    const slope = g.add(add, [alpha.float === 1 ? rest : g.add(mul, [rest, g.scalar(alpha.float)]), g.scalar(1)]);
    return [g.add(mul, [g.add(mul, [dy, s]), slope])];
  },
};

/**
 * Rotary embedding (https://arxiv.org/abs/2104.09864) in one node. Inputs: x `[batch, tokens, heads * headSize]` or
 * `[batch, heads, tokens, headSize]`, positions int64 `[batch, tokens]` or `[1]` (that of the first token), cosines and sines
 * `[positions, headSize / 2]`. Pairs are (i, i + headSize / 2), with `interleaved` 1 they are (2i, 2i + 1).
 */
export const rotaryEmbedding: Operator<{ interleaved?: number }> = {
  name: "RotaryEmbedding",
  domain: "com.microsoft",
  infer(inputs) {
    const x = need(inputs, 0, floats);
    const positions = need(inputs, 1, ["int64"]);
    const cosines = need(inputs, 2, [x.type]);
    const sines = need(inputs, 3, [x.type]);
    const half = cosines.shape.at(-1);
    if (typeof half !== "number" || cosines.shape.length !== 2 || cosines.shape.join() !== sines.shape.join())
      throw new GraphError("cosines and sines have to be [positions, headSize / 2], both");
    const width = x.shape.at(-1) as Dimension;
    const fits = x.shape.length === 4 ? width === 2 * half : Number(width) % (2 * half) === 0;
    if (!fits || x.shape.length < 3 || x.shape.length > 4)
      throw new GraphError(`[${x.shape.join(", ")}] does not consist of heads of ${2 * half}`);
    const [batch, tokens] = [x.shape[0], x.shape.at(-2)];
    if (positions.shape.join() !== "1" && positions.shape.join() !== [batch, tokens].join())
      throw new GraphError(`positions are [${positions.shape.join(", ")}], not [1] or [${batch}, ${tokens}]`);
    return [x];
  },
  // A rotation back: the same node with the sines negated.
  gradient(g, { inputs, attributes }, [dy]) {
    const [, positions, cosines, sines] = inputs as [Value, Value, Value, Value];
    const back = backSines.get(sines) ?? g.add(neg, [sines]);
    backSines.set(sines, back);
    return [g.add(rotaryEmbedding, [dy, positions, cosines, back], attributes)];
  },
};

/** Negated sines, once for all layers. */
const backSines = new WeakMap<Value, Value>();
