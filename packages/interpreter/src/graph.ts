import {
  add,
  Graph,
  gather,
  groupQueryAttention,
  mul,
  quickGelu,
  reshape,
  rmsNorm,
  skipRmsNorm,
  split,
  type Value,
} from "@unplugin-paw/graph";
import { cacheNames } from "./cache.ts";
import type { LlamaConfig } from "./config.ts";
import type { WeightFormat } from "./linear.ts";
import { ropeTables } from "./rope.ts";
import type { LlamaTensors } from "./weights.ts";

/**
 * The forward pass of a Llama-family model over new tokens and a key-value cache, for one sequence.
 *
 * Inputs: `input_ids` int64 `[1, tokens]`, `position_ids` int64 `[1, tokens]`, `attention_bias` float32
 * `[1, 1, tokens, total]`, `seqlens_k` int32 `[1]` (total - 1), `total_sequence_length` int32 `[1]`, `rows` int64 `[rows]` (the
 * tokens whose logits are wanted) and for each layer `past_keys.N`, `past_values.N` float32 `[1, kvHeads, capacity, headSize]`.
 * Outputs: `logits` float32 `[rows, vocabulary]`, `present_keys.N`, `present_values.N`. Feed the same memory as past and
 * present: new keys and values are then written behind the old ones and nothing is copied.
 */
export async function llamaGraph(config: LlamaConfig, tensors: LlamaTensors, format: WeightFormat): Promise<Graph> {
  const { width, heads, kvHeads, headSize, feedForward, layers } = config;
  const epsilon = { float: config.normEpsilon };
  const g = new Graph("llama");
  const ids = g.input("input_ids", "int64", [1, "tokens"]);
  const positions = g.input("position_ids", "int64", [1, "tokens"]);
  const bias = g.input("attention_bias", "float32", [1, 1, "tokens", "total"]);
  const lengths = g.input("seqlens_k", "int32", [1]);
  const total = g.input("total_sequence_length", "int32", [1]);
  const rows = g.input("rows", "int64", ["rows"]);
  const cache = Array.from({ length: layers }, (_, layer) =>
    cacheNames(layer).past.map((name) => g.input(name, "float32", [1, kvHeads, "capacity", headSize])),
  );
  const rope = ropeTables(config, config.contextLength);
  const ropeShape = [config.contextLength, headSize / 2];
  const cosines = g.weight("rope.cosines", "float32", ropeShape, rope.cos);
  const sines = g.weight("rope.sines", "float32", ropeShape, rope.sin);
  const scale = async (name: string, values: Promise<Float32Array>) => g.weight(name, "float32", [width], await values);
  // Attention wants [batch, tokens, width]; everything else works on rows, [tokens, width].
  const flat = (x: Value, columns: number) => g.add(reshape, [x, g.ints([-1, columns])]);
  const batched = (x: Value, columns: number) => g.add(reshape, [x, g.ints([1, -1, columns])]);

  const embedding = format.embedding(g, "embedding", await tensors.embedding());
  let residual = embedding.rows(g.add(reshape, [ids, g.ints([-1])]));
  let normed = g.add(rmsNorm, [residual, await scale("0.attention_norm", tensors.norm(0, "attention"))], {
    axis: -1,
    epsilon,
  });
  const presents: [Value, Value][] = [];

  for (let layer = 0; layer < layers; layer++) {
    const qkvWidth = (heads + 2 * kvHeads) * headSize;
    const qkv = batched(format.linear(g, `${layer}.qkv`, normed, await tensors.qkv(layer)), qkvWidth);
    const [keys, values] = cache[layer] as [Value, Value];
    const [attended, presentKeys, presentValues] = g.addAll(
      groupQueryAttention,
      [qkv, undefined, undefined, keys, values, lengths, total, cosines, sines, positions, bias],
      { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
    ) as [Value, Value, Value];
    presents.push([presentKeys, presentValues]);
    const mixed = format.linear(
      g,
      `${layer}.attention_output`,
      flat(attended, heads * headSize),
      await tensors.attentionOutput(layer),
    );

    const feedForwardScale = await scale(`${layer}.feed_forward_norm`, tensors.norm(layer, "feedForward"));
    const [hidden, , , sum] = g.addAll(skipRmsNorm, [mixed, residual, feedForwardScale], { epsilon }) as Value[];
    const gateUp = format.linear(g, `${layer}.gate_up`, hidden as Value, await tensors.gateUp(layer));
    const [gate, up] = g.addAll(split, [gateUp, g.ints([feedForward, feedForward])], { axis: -1 }) as [Value, Value];
    // SwiGLU (https://arxiv.org/abs/2002.05202): silu(gate) * up
    const gated = g.add(mul, [g.add(quickGelu, [gate], { alpha: { float: 1 } }), up]);
    const down = format.linear(g, `${layer}.down`, gated, await tensors.down(layer));

    if (layer === layers - 1) residual = g.add(add, [down, sum as Value]);
    else {
      const next = await scale(`${layer + 1}.attention_norm`, tensors.norm(layer + 1, "attention"));
      [normed, , , residual] = g.addAll(skipRmsNorm, [down, sum as Value, next], { epsilon }) as [
        Value,
        Value,
        Value,
        Value,
      ];
    }
  }

  // Only the wanted rows go through the vocabulary projection, a quarter of all the weights.
  const wanted = g.add(gather, [residual, rows], { axis: 0 });
  const final = g.add(rmsNorm, [wanted, await scale("output_norm", tensors.norm("output"))], { axis: -1, epsilon });
  const output = await tensors.output();
  g.output("logits", output ? format.linear(g, "output", final, output) : embedding.project(final));
  presents.forEach(([keys, values], layer) => {
    const [keysName, valuesName] = cacheNames(layer).present;
    g.output(keysName, keys);
    g.output(valuesName, values);
  });
  return g;
}
