import {
  add,
  concat,
  fusedMatMul,
  type Graph,
  matMul,
  reshape,
  rotaryEmbedding,
  softmax,
  split,
  transpose,
  type Value,
} from "@unplugin-paw/graph";
import type { LlamaConfig } from "@unplugin-paw/interpreter/model";

/** What all layers share. */
export interface AttentionContext {
  /** float32 `[tokens, tokens]`: 0 where a token (row) sees another (column), `masked` where it does not. */
  mask: Value;
  /** int64 `[1]`: the position of the first token, the length of the whole prefix. */
  first: Value;
  /** `[positions, headSize / 2]` */
  cosines: Value;
  sines: Value;
}

/**
 * Attention of a batch over one prefix and over its own tokens, in operators that can be differentiated: qkv
 * `[batch * tokens, (heads + 2 kvHeads) * headSize]` and the prefix's keys and values `[kvHeads, prefix, headSize]` to
 * `[batch * tokens, heads * headSize]`.
 *
 * Query heads that share a key-value head are rows of one product, so that keys and values are never repeated; rows of
 * the whole batch meet the prefix in one product, so that its gradient needs no sum over the batch.
 */
export function batchAttention(
  g: Graph,
  { heads, kvHeads, headSize }: Pick<LlamaConfig, "heads" | "kvHeads" | "headSize">,
  context: AttentionContext,
  qkv: Value,
  keys: Value,
  values: Value,
): Value {
  const group = heads / kvHeads;
  const alpha = { float: headSize ** -0.5 };
  const shaped = (x: Value, ...shape: (number | string)[]) => g.add(reshape, [x, g.sizes(shape)]);
  const parts = (x: Value, ...sizes: number[]) => g.addAll(split, [x, g.ints(sizes)], { axis: -1 }) as [Value, Value];

  const [qk, v] = parts(qkv, (heads + kvHeads) * headSize, kvHeads * headSize);
  const packed = shaped(qk, "batch", "tokens", (heads + kvHeads) * headSize);
  const rotated = g.add(rotaryEmbedding, [packed, context.first, context.cosines, context.sines]);
  const [q, k] = parts(rotated, heads * headSize, kvHeads * headSize);
  // [kvHeads, batch, group, tokens, headSize]
  const queries = g.add(transpose, [shaped(q, "batch", "tokens", kvHeads, group, headSize)], { perm: [2, 0, 3, 1, 4] });
  // [kvHeads, batch, tokens, headSize]
  const byHead = (x: Value) =>
    g.add(transpose, [shaped(x, "batch", "tokens", kvHeads, headSize)], { perm: [2, 0, 1, 3] });

  // [kvHeads, batch * group * tokens, prefix]
  const toPrefix = g.add(fusedMatMul, [shaped(queries, kvHeads, -1, headSize), keys], { transB: 1, alpha });
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
  const fromPrefix = g.add(matMul, [shaped(ofPrefix, kvHeads, -1, "prefix"), values]);
  const fromTokens = g.add(matMul, [shaped(ofTokens, kvHeads, "batch", -1, "tokens"), byHead(v)]);
  const grouped = [kvHeads, "batch", group, "tokens", headSize];
  const attended = g.add(add, [shaped(fromPrefix, ...grouped), shaped(fromTokens, ...grouped)]);
  // [batch, tokens, kvHeads, group, headSize]
  const byToken = g.add(transpose, [attended], { perm: [1, 3, 0, 2, 4] });
  return shaped(byToken, -1, heads * headSize);
}
