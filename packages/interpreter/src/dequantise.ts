export type TensorType = "F32" | "F16" | "BF16" | "Q4_0" | "Q4_1" | "Q5_0" | "Q5_1" | "Q8_0" | "Q4_K" | "Q6_K";

/**
 * Tensor encodings of ggml that this package reads: their number in a GGUF file, and how many values are stored
 * together in how many bytes. Layouts: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
 */
export const tensorTypes: Readonly<Record<TensorType, { id: number; block: number; bytes: number }>> = {
  F32: { id: 0, block: 1, bytes: 4 },
  F16: { id: 1, block: 1, bytes: 2 },
  BF16: { id: 30, block: 1, bytes: 2 },
  Q4_0: { id: 2, block: 32, bytes: 18 },
  Q4_1: { id: 3, block: 32, bytes: 20 },
  Q5_0: { id: 6, block: 32, bytes: 22 },
  Q5_1: { id: 7, block: 32, bytes: 24 },
  Q8_0: { id: 8, block: 32, bytes: 34 },
  Q4_K: { id: 12, block: 256, bytes: 144 },
  Q6_K: { id: 14, block: 256, bytes: 210 },
};

let halves: Float32Array | undefined;

/**
 * All float16 values as float32, indexed by their bits: a look-up is several times faster than the arithmetic.
 *
 * @example
 * float16Table()[0x3c00]; // 1
 */
export function float16Table(): Float32Array {
  if (halves) return halves;
  halves = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) halves[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) halves[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else halves[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return halves;
}

/**
 * Decodes a tensor's stored bytes to float32, in stored (row-major) order.
 *
 * @param bytes whole blocks of `type`
 * @returns `bytes.length / tensorTypes[type].bytes * tensorTypes[type].block` values
 * @throws {RangeError} `bytes` is not a whole number of blocks
 * @example
 * dequantise("F16", Uint8Array.of(0x00, 0x3c)); // Float32Array [1]
 */
export function dequantise(type: TensorType, bytes: Uint8Array): Float32Array {
  const layout = tensorTypes[type];
  const blocks = bytes.length / layout.bytes;
  if (!Number.isInteger(blocks)) {
    throw new RangeError(`${bytes.length} bytes are not a whole number of ${type} blocks of ${layout.bytes} bytes`);
  }
  const out = new Float32Array(blocks * layout.block);
  decoders[type](bytes, out);
  return out;
}

type Decoder = (bytes: Uint8Array, out: Float32Array) => void;

const decoders: Record<TensorType, Decoder> = {
  F32: (bytes, out) => new Uint8Array(out.buffer).set(bytes),
  F16(bytes, out) {
    const half = float16Table();
    for (let i = 0; i < out.length; i++) out[i] = half[u16(bytes, 2 * i)] as number;
  },
  BF16(bytes, out) {
    // The upper half of a float32.
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = u16(bytes, 2 * i) << 16;
  },
  Q4_0: (bytes, out) => nibbles(bytes, out, { minimum: false, fifthBit: false, zero: 8 }),
  Q4_1: (bytes, out) => nibbles(bytes, out, { minimum: true, fifthBit: false, zero: 0 }),
  Q5_0: (bytes, out) => nibbles(bytes, out, { minimum: false, fifthBit: true, zero: 16 }),
  Q5_1: (bytes, out) => nibbles(bytes, out, { minimum: true, fifthBit: true, zero: 0 }),
  Q8_0(bytes, out) {
    const half = float16Table();
    const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0, o = 0; o < out.length; at += 34, o += 32) {
      const scale = half[u16(bytes, at)] as number;
      for (let i = 0; i < 32; i++) out[o + i] = scale * (values[at + 2 + i] as number);
    }
  },
  Q4_K: fourBitRuns,
  Q6_K: sixBitRuns,
};

/**
 * Q4_K: scale and minimum of 256 values, then 6-bit factors of both for eight runs of 32, then 128 bytes, whose halves
 * are two runs in turn; value = scale * factor * q - minimum * factor.
 */
function fourBitRuns(bytes: Uint8Array, out: Float32Array): void {
  for (let at = 0, o = 0; o < out.length; at += 144) {
    for (let run = 0; run < 8; run++, o += 32) {
      const { scale, minimum } = runOf(bytes, at, run);
      const codes = at + 16 + 32 * (run >> 1);
      const shift = 4 * (run & 1);
      for (let i = 0; i < 32; i++) out[o + i] = scale * (((bytes[codes + i] as number) >> shift) & 15) - minimum;
    }
  }
}

/** Scale of a run of 32 values in a Q4_K block that starts at `at`, and what is taken from all of them. */
export function runOf(bytes: Uint8Array, at: number, run: number): { scale: number; minimum: number } {
  const half = float16Table();
  const byte = (i: number) => bytes[at + 4 + i] as number;
  // The first four runs have six bits of a byte; the upper two bits of the others' stand above these.
  const [factor, less] =
    run < 4
      ? [byte(run) & 63, byte(run + 4) & 63]
      : [(byte(run + 4) & 15) | ((byte(run - 4) >> 6) << 4), (byte(run + 4) >> 4) | ((byte(run) >> 6) << 4)];
  return {
    scale: (half[u16(bytes, at)] as number) * factor,
    minimum: (half[u16(bytes, at + 2)] as number) * less,
  };
}

/**
 * Q6_K: 128 bytes with the lower four bits of 256 values, 64 with the upper two, 16 signed factors of the scale for
 * runs of 16, the scale; value = scale * factor * (q - 32).
 */
function sixBitRuns(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, o = 0; o < out.length; at += 210, o += 256) {
    const scale = half[u16(bytes, at + 208)] as number;
    for (let i = 0; i < 256; i++) {
      // Each half of the block: 64 bytes are the lower bits of 128 values, 32 bytes the upper bits.
      const [part, within] = [i >> 7, i & 127];
      const low = ((bytes[at + 64 * part + (within & 63)] as number) >> (4 * (within >> 6))) & 15;
      const high = ((bytes[at + 128 + 32 * part + (within & 31)] as number) >> (2 * (within >> 5))) & 3;
      out[o + i] = scale * (signed[at + 192 + (i >> 4)] as number) * ((low | (high << 4)) - 32);
    }
  }
}

/**
 * The four- and five-bit encodings: scale, minimum (the `_1` types), 32 fifth bits (the `5` types), then 16 bytes whose
 * low halves are values 0 to 15 and whose high halves are values 16 to 31; value = scale * (q - zero) + minimum.
 */
function nibbles(
  bytes: Uint8Array,
  out: Float32Array,
  { minimum, fifthBit, zero }: { minimum: boolean; fifthBit: boolean; zero: number },
): void {
  const half = float16Table();
  for (let at = 0, o = 0; o < out.length; o += 32) {
    const scale = half[u16(bytes, at)] as number;
    at += 2;
    let offset = 0;
    if (minimum) {
      offset = half[u16(bytes, at)] as number;
      at += 2;
    }
    let high = 0;
    if (fifthBit) {
      high = u16(bytes, at) | (u16(bytes, at + 2) << 16);
      at += 4;
    }
    for (let i = 0; i < 16; i++, at++) {
      const byte = bytes[at] as number;
      out[o + i] = scale * (((byte & 15) | (((high >>> i) & 1) << 4)) - zero) + offset;
      out[o + 16 + i] = scale * (((byte >> 4) | (((high >>> (i + 16)) & 1) << 4)) - zero) + offset;
    }
  }
}

/** Little-endian; the bytes of a tensor need not be aligned for a typed array. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** The float16 nearest to a number, as bits. */
export function toHalf(value: number): number {
  if (value < 0) return toHalf(-value) | 0x8000;
  if (value < 2 ** -14) return Math.round(value * 2 ** 24);
  const exponent = Math.min(15, Math.floor(Math.log2(value)));
  return Math.min(0x7bff, ((exponent + 15) << 10) + Math.round((value / 2 ** exponent - 1) * 1024));
}
