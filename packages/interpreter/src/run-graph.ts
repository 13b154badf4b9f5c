import { Graph, groupQueryAttention, reshape, type Value } from "@unplugin-paw/graph";
import { cacheNames } from "./cache-names.ts";
import type { LlamaConfig } from "./config.ts";
import { type AttendSeam, type LinearSeam, llama } from "./llama.ts";
import { ropeWeights } from "./rope.ts";

/**
 * The model over new tokens and a key-value cache, for one sequence.
 *
 * Inputs: `input_ids` int64 `[1, tokens]`, `position_ids` int64 `[1, tokens]`, `attention_bias` float32
 * `[1, 1, tokens, total]`, `seqlens_k` int32 `[1]` (total - 1), `total_sequence_length` int32 `[1]`, `rows` int64 `[rows]` (the
 * tokens whose logits are wanted) and for each layer `past_keys.N`, `past_values.N` float32 `[1, kvHeads, capacity,
 * headSize]`. Outputs: `logits` float32 `[rows, vocabulary]`, `present_keys.N`, `present_values.N`. Feed the same
 * memory as past and present: new keys and values are then written after the old ones and nothing is copied.
 *
 * @param weightsOf how the graph multiplies: `blockWeights`, or the browser's
 */
export function runGraph(config: LlamaConfig, weightsOf: (g: Graph) => LinearSeam): Graph {
  const { heads, kvHeads, headSize, layers } = config;
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
  const { cosines, sines } = ropeWeights(g, config);

  const presents: Value[][] = [];
  const attend: AttendSeam = (qkv, layer) => {
    const packed = g.add(reshape, [qkv, g.ints([1, -1, (heads + 2 * kvHeads) * headSize])]);
    const [attended, ...present] = g.addAll(
      groupQueryAttention,
      [packed, undefined, undefined, ...(cache[layer] as Value[]), lengths, total, cosines, sines, positions, bias],
      { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
    );
    presents.push(present);
    return g.add(reshape, [attended, g.ints([-1, heads * headSize])]);
  };
  g.output("logits", llama(g, config, { ids, rows }, weightsOf(g), attend));
  presents.forEach((present, layer) => {
    present.forEach((value, i) => {
      g.output(cacheNames(layer).present[i] as string, value);
    });
  });
  return g;
}
