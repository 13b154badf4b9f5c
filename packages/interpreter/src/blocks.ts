import { dequantise, runOf, type TensorType, tensorTypes, toHalf, u16 } from "./dequantise.ts";

/** Values that share one scale. The same in GGUF's Q4_0, Q4_1 and Q8_0 and in onnxruntime's MatMulNBits. */
export const blockSize = 32;

/**
 * A weight in blocks of 32, as the run graph stores it: value = scale * (code - middle) + offset, middle = 8 (4-bit) or
 * 128 (8-bit). `codes` is `[rows, columns * bits / 8]`, `scales` and `offsets` hold float16 bits, `[rows, columns /
 * 32]`.
 */
export interface BlockWeight {
  rows: number;
  columns: number;
  bits: 4 | 8;
  codes: Uint8Array;
  scales: Uint16Array;
  /** The value of code 0 (Q4_1's minimum); absent where blocks are symmetric. */
  minima?: Uint16Array;
}

/**
 * Rearranges a GGUF tensor into separate codes and scales without changing a value: Q4_0 and Q4_1 stay 4-bit, Q8_0
 * stays 8-bit. Q4_K keeps its 4-bit codes; its scales and minima are products, which float16 rounds by up to 0.05 %.
 * Every other encoding is rounded to 8 bits.
 *
 * @param shape `[rows, columns]`
 */
export function blockWeight(
  type: TensorType,
  bytes: Uint8Array,
  [rows, columns]: readonly [number, number],
): BlockWeight {
  switch (type) {
    case "Q4_0":
      return nibbles(bytes, rows, columns, false);
    case "Q4_1":
      return nibbles(bytes, rows, columns, true);
    case "Q4_K":
      return runs(bytes, rows, columns);
    case "Q8_0":
      return octets(bytes, rows, columns);
    default:
      return octets(quantise8(dequantise(type, bytes)), rows, columns);
  }
}

/**
 * Q4_0: scale, 16 bytes. Q4_1: scale, minimum, 16 bytes. Low halves are values 0 to 15, high halves values 16 to 31.
 */
function nibbles(bytes: Uint8Array, rows: number, columns: number, withMinimum: boolean): BlockWeight {
  const blocks = (rows * columns) / blockSize;
  const codes = new Uint8Array(blocks * 16);
  const scales = new Uint16Array(blocks);
  const minima = withMinimum ? new Uint16Array(blocks) : undefined;
  for (let b = 0, at = 0; b < blocks; b++, at += 16) {
    scales[b] = u16(bytes, at);
    at += 2;
    if (minima) {
      minima[b] = u16(bytes, at);
      at += 2;
    }
    // MatMulNBits packs neighbours into a byte: values 2i (low half) and 2i + 1 (high half).
    for (let i = 0; i < 8; i++) {
      const first = bytes[at + 2 * i] as number;
      const second = bytes[at + 2 * i + 1] as number;
      codes[b * 16 + i] = (first & 15) | ((second & 15) << 4);
      codes[b * 16 + 8 + i] = (first >> 4) | (second & 240);
    }
  }
  return { rows, columns, bits: 4, codes, scales, ...(minima && { minima }) };
}

/** Q4_K: see `dequantise`. A run of 32 is a block; two runs share 32 bytes. */
function runs(bytes: Uint8Array, rows: number, columns: number): BlockWeight {
  const { bytes: stride, block } = tensorTypes.Q4_K;
  const blocks = (rows * columns) / blockSize;
  const codes = new Uint8Array(blocks * 16);
  const scales = new Uint16Array(blocks);
  const minima = new Uint16Array(blocks);
  for (let b = 0; b < blocks; b++) {
    const run = b % (block / blockSize);
    const at = ((b - run) / (block / blockSize)) * stride;
    const { scale, minimum } = runOf(bytes, at, run);
    scales[b] = toHalf(scale);
    minima[b] = toHalf(-minimum);
    const from = at + 16 + 32 * (run >> 1);
    const shift = 4 * (run & 1);
    for (let i = 0; i < 16; i++) {
      const first = ((bytes[from + 2 * i] as number) >> shift) & 15;
      const second = ((bytes[from + 2 * i + 1] as number) >> shift) & 15;
      codes[b * 16 + i] = first | (second << 4);
    }
  }
  return { rows, columns, bits: 4, codes, scales, minima };
}

/** Q8_0: scale, 32 signed bytes; MatMulNBits wants them unsigned around 128. */
function octets(bytes: Uint8Array, rows: number, columns: number): BlockWeight {
  const { bytes: stride } = tensorTypes.Q8_0;
  const blocks = (rows * columns) / blockSize;
  const codes = new Uint8Array(rows * columns);
  const scales = new Uint16Array(blocks);
  for (let b = 0; b < blocks; b++) {
    scales[b] = u16(bytes, b * stride);
    for (let i = 0; i < blockSize; i++) codes[b * blockSize + i] = (bytes[b * stride + 2 + i] as number) ^ 128;
  }
  return { rows, columns, bits: 8, codes, scales };
}

/** Rounds to Q8_0: scale = largest magnitude / 127. */
function quantise8(values: Float32Array): Uint8Array {
  const { bytes: stride } = tensorTypes.Q8_0;
  const blocks = values.length / blockSize;
  const out = new Uint8Array(blocks * stride);
  for (let b = 0; b < blocks; b++) {
    const block = values.subarray(b * blockSize, (b + 1) * blockSize);
    const largest = block.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const bits = toHalf(largest / 127);
    const scale = largest / 127 || 1;
    out[b * stride] = bits & 255;
    out[b * stride + 1] = bits >> 8;
    for (let i = 0; i < blockSize; i++) out[b * stride + 2 + i] = Math.round((block[i] as number) / scale);
  }
  return out;
}

/**
 * Decodes a weight again: what the run graph computes with, `[rows, columns]` in float32. `half`: the value of each
 * float16.
 */
export function unblock({ rows, columns, bits, codes, scales, minima }: BlockWeight, half: Float32Array): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let b = 0, o = 0; o < out.length; b++, o += blockSize) {
    const scale = half[scales[b] as number] as number;
    if (bits === 8) {
      for (let i = o; i < o + blockSize; i++) out[i] = scale * ((codes[i] as number) - 128);
      continue;
    }
    const middle = minima ? 0 : 8;
    const offset = minima ? (half[minima[b] as number] as number) : 0;
    for (let i = o; i < o + blockSize; i += 2) {
      const pair = codes[i >> 1] as number;
      out[i] = scale * ((pair & 15) - middle) + offset;
      out[i + 1] = scale * ((pair >> 4) - middle) + offset;
    }
  }
  return out;
}
