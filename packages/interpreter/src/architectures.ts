import type { LlamaConfig } from "./config.ts";
import { dequantise, type TensorType } from "./dequantise.ts";
import { InterpreterError } from "./errors.ts";
import type { Gguf } from "./gguf.ts";
import { weightNames } from "./weights.ts";

/**
 * What is peculiar to an architecture. Biases and a vocabulary's projection of its own are taken where a file has them.
 */
interface Architecture {
  /**
   * Rows of a head's query and key weights that the rotary embedding turns together: neighbours (2i, 2i + 1), the order
   * that llama.cpp's converter makes for some architectures, or half a head apart (i, i + headSize / 2), that of the
   * original models.
   */
  pairs: "neighbours" | "halves";
}

/** `general.architecture` of a GGUF, which the keys of its metadata begin with. */
export type ArchitectureName = "llama" | "qwen2";

const architectures: Record<ArchitectureName, Architecture> = {
  llama: { pairs: "neighbours" },
  qwen2: { pairs: "halves" },
};

/**
 * Reads the configuration from a GGUF's metadata.
 *
 * @throws {InterpreterError} `GGUF_INVALID` where a number is missing, `GGUF_UNSUPPORTED` for a scaled rotary embedding
 * @example
 * llamaConfig((await readGguf(path, "llama")).metadata, "llama").layers; // 30
 */
export function llamaConfig(metadata: Readonly<Record<string, unknown>>, architecture: ArchitectureName): LlamaConfig {
  function number(key: string, fallback?: number): number {
    const value = metadata[`${architecture}.${key}`] ?? fallback;
    if (typeof value === "number" && value > 0) return value;
    const hint = "The file is damaged, or was written by a converter that leaves this out: use another copy.";
    throw new InterpreterError("GGUF_INVALID", `The GGUF's metadata has no sound ${architecture}.${key}.`, hint);
  }
  const scaling = metadata[`${architecture}.rope.scaling.type`];
  if (scaling !== undefined && scaling !== "none") {
    const message = `The GGUF scales its rotary embedding (${scaling}), which this version cannot run.`;
    throw new InterpreterError("GGUF_UNSUPPORTED", message, `Use a model without ${architecture}.rope.scaling.type.`);
  }
  const width = number("embedding_length");
  const heads = number("attention.head_count");
  const tokens = metadata["tokenizer.ggml.tokens"];
  return {
    layers: number("block_count"),
    width,
    heads,
    kvHeads: number("attention.head_count_kv", heads),
    headSize: number("attention.key_length", width / heads),
    feedForward: number("feed_forward_length"),
    vocabulary: number("vocab_size", Array.isArray(tokens) ? tokens.length : undefined),
    contextLength: number("context_length"),
    ropeBase: number("rope.freq_base", 10_000),
    normEpsilon: number("attention.layer_norm_rms_epsilon"),
  };
}

/** A matrix `[rows, columns]` or a vector, in the file's own encoding. */
export interface StoredWeight {
  type: TensorType;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** By the names of `weightNames`. */
export type StoredWeights = ReadonlyMap<string, StoredWeight>;

/**
 * Reads all weights of a GGUF, as the graphs take them: query and key rows half a head apart, and matrices that read
 * the same input one below the other.
 *
 * @throws {InterpreterError} `GGUF_INVALID` where a tensor is missing, `MODEL_UNREADABLE`
 */
export async function readWeights(
  gguf: Gguf,
  { layers, heads, kvHeads }: LlamaConfig,
  architecture: ArchitectureName,
): Promise<StoredWeights> {
  const { pairs } = architectures[architecture];
  const weights = new Map<string, StoredWeight>();
  const read = async (name: string): Promise<StoredWeight> => {
    const bytes = await gguf.readTensor(name);
    const { type = "F32", shape = [] } = gguf.tensors.get(name) ?? {};
    return { type, shape, bytes };
  };
  const turned = (weight: StoredWeight, count: number) => (pairs === "halves" ? weight : halves(weight, count));
  const qkv = async (block: string, kind: "weight" | "bias") => {
    const [q, k, v] = await Promise.all(["q", "k", "v"].map((part) => read(`${block}.attn_${part}.${kind}`)));
    return stack([turned(q as StoredWeight, heads), turned(k as StoredWeight, kvHeads), v as StoredWeight]);
  };

  weights.set(weightNames.embedding, await read("token_embd.weight"));
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    const name = (map: Parameters<typeof weightNames.linear>[1]) => weightNames.linear(layer, map);
    weights.set(weightNames.attentionNorm(layer), await read(`${block}.attn_norm.weight`));
    weights.set(name("qkv"), await qkv(block, "weight"));
    if (gguf.tensors.has(`${block}.attn_q.bias`)) weights.set(weightNames.bias(name("qkv")), await qkv(block, "bias"));
    weights.set(name("attention_output"), await read(`${block}.attn_output.weight`));
    weights.set(weightNames.feedForwardNorm(layer), await read(`${block}.ffn_norm.weight`));
    const gateUp = [await read(`${block}.ffn_gate.weight`), await read(`${block}.ffn_up.weight`)];
    weights.set(name("gate_up"), stack(gateUp));
    weights.set(name("down"), await read(`${block}.ffn_down.weight`));
  }
  weights.set(weightNames.outputNorm, await read("output_norm.weight"));
  if (gguf.tensors.has("output.weight")) weights.set(weightNames.output, await read("output.weight"));
  return weights;
}

/**
 * Moves the rows of each head, or the numbers of a bias, from neighbours to half a head apart. Attention scores do not
 * change.
 */
function halves(weight: StoredWeight, heads: number): StoredWeight {
  const [rows = 0] = weight.shape;
  const rowBytes = weight.bytes.length / rows;
  const headSize = rows / heads;
  const bytes = new Uint8Array(weight.bytes.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headSize;
    const target = row - within + (within % 2) * (headSize / 2) + Math.floor(within / 2);
    bytes.set(weight.bytes.subarray(row * rowBytes, (row + 1) * rowBytes), target * rowBytes);
  }
  return { ...weight, bytes };
}

/** Puts matrices of the same width one below the other, so that one product serves all. */
function stack(parts: StoredWeight[]): StoredWeight {
  const [first] = parts as [StoredWeight];
  if (parts.some((part) => part.type !== first.type)) {
    // Mixed encodings (k-quants mixes do that to single tensors) meet at float32.
    return stack(
      parts.map((part) => ({ ...part, type: "F32", bytes: new Uint8Array(dequantise(part.type, part.bytes).buffer) })),
    );
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  const rows = parts.reduce((sum, { shape: [count = 0] }) => sum + count, 0);
  return { type: first.type, shape: [rows, ...first.shape.slice(1)], bytes };
}
