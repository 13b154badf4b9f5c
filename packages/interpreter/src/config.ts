import { InterpreterError } from "./errors.ts";

/** Sizes and constants of a Llama-family model. */
export interface LlamaConfig {
  layers: number;
  /** Width of the residual stream. */
  width: number;
  heads: number;
  kvHeads: number;
  headSize: number;
  feedForward: number;
  vocabulary: number;
  /** Longest sequence that the model was trained for, tokens. */
  contextLength: number;
  ropeBase: number;
  normEpsilon: number;
}

/**
 * Reads the configuration from a GGUF's metadata.
 *
 * @throws {InterpreterError} `GGUF_INVALID` where a number is missing, `GGUF_UNSUPPORTED` for a scaled rotary embedding
 * @example
 * llamaConfig((await readGguf(path, "llama")).metadata).layers; // 30
 */
export function llamaConfig(metadata: Readonly<Record<string, unknown>>): LlamaConfig {
  function number(key: string, fallback?: number): number {
    const value = metadata[`llama.${key}`] ?? fallback;
    if (typeof value === "number" && value > 0) return value;
    const hint = "The file is damaged, or was written by a converter that leaves this out: use another copy.";
    throw new InterpreterError("GGUF_INVALID", `The GGUF's metadata has no sound llama.${key}.`, hint);
  }
  const scaling = metadata["llama.rope.scaling.type"];
  if (scaling !== undefined && scaling !== "none") {
    const message = `The GGUF scales its rotary embedding (${scaling}), which this version cannot run.`;
    throw new InterpreterError("GGUF_UNSUPPORTED", message, "Use a model without llama.rope.scaling.type.");
  }
  const width = number("embedding_length");
  const heads = number("attention.head_count");
  return {
    layers: number("block_count"),
    width,
    heads,
    kvHeads: number("attention.head_count_kv", heads),
    headSize: number("attention.key_length", width / heads),
    feedForward: number("feed_forward_length"),
    vocabulary: number("vocab_size"),
    contextLength: number("context_length"),
    ropeBase: number("rope.freq_base", 10_000),
    normEpsilon: number("attention.layer_norm_rms_epsilon"),
  };
}
