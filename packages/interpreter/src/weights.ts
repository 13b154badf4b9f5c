import type { LlamaConfig } from "./config.ts";
import { dequantise, type TensorType } from "./dequantise.ts";
import type { Gguf } from "./gguf.ts";

/** A stored matrix: rows of whole blocks, in the file's own encoding. */
export interface StoredMatrix {
  type: TensorType;
  shape: readonly [rows: number, columns: number];
  bytes: Uint8Array;
}

/** The weights of a Llama-family model by their role, read from the GGUF when asked for. */
export interface LlamaTensors {
  embedding(): Promise<StoredMatrix>;
  /** Absent when the vocabulary projection is the embedding. */
  output(): Promise<StoredMatrix | undefined>;
  norm(layer: number | "output", which?: "attention" | "feedForward"): Promise<Float32Array>;
  /** Query, key and value rows, one below the other: `[(heads + 2 * kvHeads) * headSize, width]`. */
  qkv(layer: number): Promise<StoredMatrix>;
  attentionOutput(layer: number): Promise<StoredMatrix>;
  /** Gate rows, then up rows: `[2 * feedForward, width]`. */
  gateUp(layer: number): Promise<StoredMatrix>;
  down(layer: number): Promise<StoredMatrix>;
}

/** Looks up the tensors of a GGUF by llama.cpp's names. */
export function llamaTensors(gguf: Gguf, config: LlamaConfig): LlamaTensors {
  async function matrix(name: string): Promise<StoredMatrix> {
    const tensor = gguf.tensors.get(`${name}.weight`);
    const bytes = await gguf.readTensor(`${name}.weight`);
    const [rows = 0, columns = 0] = tensor?.shape ?? [];
    return { type: tensor?.type ?? "F32", shape: [rows, columns], bytes };
  }
  const norm = async (name: string) => {
    const type = gguf.tensors.get(`${name}.weight`)?.type ?? "F32";
    return dequantise(type, await gguf.readTensor(`${name}.weight`));
  };
  return {
    embedding: () => matrix("token_embd"),
    output: async () => (gguf.tensors.has("output.weight") ? await matrix("output") : undefined),
    norm: (layer, which) =>
      norm(layer === "output" ? "output_norm" : `blk.${layer}.${which === "attention" ? "attn" : "ffn"}_norm`),
    async qkv(layer) {
      const [q, k, v] = await Promise.all(["q", "k", "v"].map((part) => matrix(`blk.${layer}.attn_${part}`)));
      return stack([
        halves(q as StoredMatrix, config.heads),
        halves(k as StoredMatrix, config.kvHeads),
        v as StoredMatrix,
      ]);
    },
    attentionOutput: (layer) => matrix(`blk.${layer}.attn_output`),
    gateUp: async (layer) => stack([await matrix(`blk.${layer}.ffn_gate`), await matrix(`blk.${layer}.ffn_up`)]),
    down: (layer) => matrix(`blk.${layer}.ffn_down`),
  };
}

/**
 * Undoes llama.cpp's row order of query and key weights. There the two values that the rotary embedding turns together
 * are neighbours (rows 2i, 2i + 1 of a head); here they are half a head apart (rows i, i + headSize / 2), the order of the
 * original model, which vectorises better. Attention scores do not change.
 */
function halves(matrix: StoredMatrix, heads: number): StoredMatrix {
  const [rows] = matrix.shape;
  const rowBytes = matrix.bytes.length / rows;
  const headSize = rows / heads;
  const bytes = new Uint8Array(matrix.bytes.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headSize;
    const target = row - within + (within % 2) * (headSize / 2) + Math.floor(within / 2);
    bytes.set(matrix.bytes.subarray(row * rowBytes, (row + 1) * rowBytes), target * rowBytes);
  }
  return { ...matrix, bytes };
}

/** Puts matrices of the same width one below the other, so that one product serves all. */
function stack(parts: StoredMatrix[]): StoredMatrix {
  const [first] = parts as [StoredMatrix];
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
  return { type: first.type, shape: [parts.reduce((sum, part) => sum + part.shape[0], 0), first.shape[1]], bytes };
}
