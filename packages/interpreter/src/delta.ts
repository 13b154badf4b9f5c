import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRegular } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import { float16Table, tensorTypes, toHalf, u16 } from "./dequantise.ts";
import { InterpreterError } from "./errors.ts";
import type { Gguf } from "./gguf.ts";

/** Most bytes of a delta. */
const maxBytes = 2 ** 26;
/** The middle of the codes 0 to 15, around which a block's scale is changed. */
const middle = 7.5;

/** New scales and offsets of 4-bit blocks and new gains of norms, as `training/delta.py` and `reading.py` write them. */
export interface Delta {
  /** SHA-256 of the GGUF that it belongs to. */
  gguf: string;
  /** Float32 values of a tensor, such as `blk.0.attn_q.scales`; undefined where the delta does not change it. */
  values(name: string): Float32Array | undefined;
}

/**
 * Reads the delta of a card.
 *
 * @throws {InterpreterError} `MODEL_UNREADABLE`, `MODEL_DIGEST`
 */
export async function readDelta({ file, sha256 }: NonNullable<InterpreterCard["delta"]>): Promise<Delta> {
  // Beside `src` and `dist`, where this is.
  const path = typeof file === "string" ? join(import.meta.dirname, "../delta", file) : fileURLToPath(file);
  const hint = "It ships with @unplugin-paw/interpreter: install the package again.";
  const bytes = await readRegular(path, { maxBytes }).catch((cause) => {
    throw new InterpreterError("MODEL_UNREADABLE", `Cannot read ${path}: ${cause.message}.`, hint, { cause });
  });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new InterpreterError("MODEL_DIGEST", `${path} has the SHA-256 ${found}.`, hint);
  return parseDelta(bytes);
}

/**
 * Safetensors (https://huggingface.co/docs/safetensors): length of the header, header as JSON, data. The bytes are
 * those of a known digest.
 */
function parseDelta(bytes: Uint8Array): Delta {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const half = float16Table();
  const values = (name: string): Float32Array | undefined => {
    const entry = header[name];
    if (!entry) return undefined;
    const [begin, end] = entry.data_offsets.map((offset: number) => 8 + length + offset);
    const data = bytes.subarray(begin, end);
    if (entry.dtype === "F16") {
      const out = new Float32Array(data.length / 2);
      for (let i = 0; i < out.length; i++) out[i] = half[u16(data, 2 * i)] as number;
      return out;
    }
    // int8, with a step for each row
    const steps = values(`${name}.steps`) as Float32Array;
    const columns = data.length / steps.length;
    const signed = new Int8Array(data.buffer, data.byteOffset, data.length);
    const out = new Float32Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = (signed[i] as number) * (steps[Math.floor(i / columns)] as number);
    return out;
  };
  return { gguf: header.__metadata__.gguf, values };
}

/**
 * A GGUF whose tensors are read with a delta merged into them. Codes stay, so what comes out are Q4_1 blocks again, of
 * the same size and speed. With s and o in units of the block's own scale:
 *
 *   scale' = scale * (1 + s)
 *   minimum' = minimum + scale * (o - 7.5 * s)
 *   gain' = gain * (1 + gains)
 */
export function withDelta(gguf: Gguf, delta: Delta): Gguf {
  return {
    ...gguf,
    async readTensor(name) {
      const bytes = await gguf.readTensor(name);
      const base = name.replace(/\.weight$/, "");
      const [scales, offsets, gains] = ["scales", "offsets", "gains"].map((kind) => delta.values(`${base}.${kind}`));
      const type = gguf.tensors.get(name)?.type;
      if (scales && offsets && type === "Q4_1") return mergeBlocks(bytes, scales, offsets);
      if (gains && type === "F32") return mergeGains(bytes, gains);
      if (!scales && !offsets && !gains) return bytes;
      const message = `The delta changes tensor "${name}" of ${gguf.path}, which is ${type}.`;
      throw new InterpreterError("GGUF_UNSUPPORTED", message, "Use the GGUF that the interpreter's card names.");
    },
  };
}

function mergeBlocks(bytes: Uint8Array, scales: Float32Array, offsets: Float32Array): Uint8Array {
  const half = float16Table();
  const merged = bytes.slice();
  const put = (at: number, value: number) => {
    const bits = toHalf(value);
    merged[at] = bits & 255;
    merged[at + 1] = bits >> 8;
  };
  const { bytes: stride } = tensorTypes.Q4_1;
  for (let at = 0, block = 0; at < bytes.length; at += stride, block++) {
    const old = [half[u16(bytes, at)] as number, half[u16(bytes, at + 2)] as number] as const;
    const [scale, minimum] = moved(...old, scales[block] as number, offsets[block] as number);
    put(at, scale);
    put(at + 2, minimum);
  }
  return merged;
}

/** A block's scale and minimum, changed. */
export function moved(scale: number, minimum: number, s: number, o: number): [scale: number, minimum: number] {
  return [scale * (1 + s), minimum + scale * (o - middle * s)];
}

function mergeGains(bytes: Uint8Array, gains: Float32Array): Uint8Array {
  const merged = Float32Array.from(
    new Float32Array(bytes.slice().buffer),
    (gain, i) => gain * (1 + (gains[i] as number)),
  );
  return new Uint8Array(merged.buffer);
}
