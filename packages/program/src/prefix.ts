import { ProgramError } from "./errors.ts";
import { damaged, halves } from "./halves.ts";
import { type DType, ELEMENT_BYTES, type Tensor } from "./safetensors.ts";

/**
 * The continuous half of a program: keys and values that the interpreter's attention finds in place of the prompt's
 * tokens.
 * `keys` and `values` are row-major `[layers, heads, tokens, headSize]`; keys are stored after the rotary embedding at positions
 * 0 to tokens - 1.
 */
export interface Prefix {
  layers: number;
  /** Key-value heads. */
  heads: number;
  tokens: number;
  headSize: number;
  keys: Float32Array;
  values: Float32Array;
}

/** How a prefix is stored: `f16` (two bytes a number) or `i8` (one byte a number, and scales). */
export type PrefixEncoding = "f16" | "i8";

type Sizes = Pick<Prefix, "layers" | "heads" | "tokens" | "headSize">;

/** The tensors of each encoding: what the writer makes and the reader accepts. */
function layout(encoding: PrefixEncoding, { layers, heads, tokens, headSize }: Sizes) {
  const full = [layers, heads, tokens, headSize];
  const tensors: { [name: string]: { dtype: DType; shape: number[] } } =
    encoding === "f16"
      ? { keys: { dtype: "F16", shape: full }, values: { dtype: "F16", shape: full } }
      : {
          keys: { dtype: "I8", shape: [layers, heads, tokens - 1, headSize] },
          "keys.first": { dtype: "F16", shape: [layers, heads, headSize] },
          "keys.scale": { dtype: "F16", shape: [layers, heads, headSize] },
          values: { dtype: "I8", shape: full },
          "values.scale": { dtype: "F16", shape: [layers, heads] },
          "values.step": { dtype: "U8", shape: [layers, heads, tokens] },
        };
  return tensors;
}

// i8: a number is q / 127 * scale with q in -127..127, so `scale` is the largest magnitude of its group. That an f16
// holds the largest magnitude itself (not its 127th part) makes encoding a decoded prefix give the same bytes.
//
// Keys have a few channels that are much larger than the rest for all tokens, so they have one scale a channel. The
// first token, on which attention rests when it has nothing to look at, has magnitudes of its own: its keys stay out of
// the scales, in f16. Values differ by token (the first token's are tiny), so they have one scale a token: the head's
// largest magnitude, lowered by `step` sixteenths of an octave. One byte a token instead of an f16 keeps 256 tokens of
// the 135M interpreter under 3 MB.
const STEPS_PER_OCTAVE = 16;
const SIXTEENTH = Math.sqrt(Math.sqrt(Math.sqrt(Math.sqrt(0.5))));
// By products and square roots, which are exact to the last bit in every engine; Math.pow need not be.
const DOWN: Float64Array = new Float64Array(256).fill(1);
for (let step = 1; step < 256; step++) DOWN[step] = (DOWN[step - 1] as number) * SIXTEENTH;

/** @throws {ProgramError} when sizes and arrays disagree, or a number is not finite or does not fit f16. */
export function packPrefix(prefix: Prefix, encoding: PrefixEncoding): Map<string, Tensor> {
  checkPrefix(prefix);
  const { layers, heads, tokens, headSize, keys, values } = prefix;
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape }] of Object.entries(layout(encoding, prefix))) {
    const size = shape.reduce((product, next) => product * next, ELEMENT_BYTES[dtype]);
    tensors.set(name, { dtype, shape, data: new Uint8Array(size) });
  }
  if (encoding === "f16") {
    const [k, v] = [halves(tensors, "keys"), halves(tensors, "values")];
    for (let i = 0; i < keys.length; i++) {
      k.set(i, keys[i] as number);
      v.set(i, values[i] as number);
    }
    return tensors;
  }

  const [k, v] = [signed(tensors, "keys"), signed(tensors, "values")];
  const [keyFirst, keyScale] = [halves(tensors, "keys.first"), halves(tensors, "keys.scale")];
  const [valueScale, valueStep] = [halves(tensors, "values.scale"), bytes(tensors, "values.step")];
  for (let head = 0; head < layers * heads; head++) {
    const base = head * tokens * headSize;
    for (let channel = 0; channel < headSize; channel++) {
      const group = head * headSize + channel;
      keyFirst.set(group, keys[base + channel] as number);
      let largest = 0;
      for (let token = 1; token < tokens; token++) {
        largest = Math.max(largest, Math.abs(keys[base + token * headSize + channel] as number));
      }
      const scale = keyScale.set(group, scaleOf(largest));
      for (let token = 1; token < tokens; token++) {
        const at = base + token * headSize + channel;
        k[at - (head + 1) * headSize] = quantise(keys[at] as number, scale);
      }
    }

    const largest = new Float64Array(tokens);
    for (let i = 0; i < tokens * headSize; i++) {
      const token = Math.floor(i / headSize);
      largest[token] = Math.max(largest[token] as number, Math.abs(values[base + i] as number));
    }
    const scale = valueScale.set(head, scaleOf(largest.reduce((a, b) => Math.max(a, b))));
    for (let token = 0; token < tokens; token++) {
      const step = stepOf(largest[token] as number, scale);
      valueStep[head * tokens + token] = step;
      for (let i = base + token * headSize; i < base + (token + 1) * headSize; i++) {
        v[i] = quantise(values[i] as number, scale * (DOWN[step] as number));
      }
    }
  }
  return tensors;
}

/**
 * @throws {ProgramError} when a tensor is unknown, missing, of the wrong dtype or shape, or holds a number that is not
 * finite.
 */
export function unpackPrefix(tensors: Map<string, Tensor>): Prefix {
  const sizes = checkTensors(tensors);
  const { layers, heads, tokens, headSize } = sizes;
  const count = layers * heads * tokens * headSize;
  const keys = new Float32Array(count);
  const values = new Float32Array(count);
  if (tensors.get("keys")?.dtype === "F16") {
    const [k, v] = [halves(tensors, "keys"), halves(tensors, "values")];
    for (let i = 0; i < count; i++) {
      keys[i] = k.get(i);
      values[i] = v.get(i);
    }
    return { ...sizes, keys, values };
  }

  const [k, v] = [signed(tensors, "keys"), signed(tensors, "values")];
  const [keyFirst, keyScale] = [halves(tensors, "keys.first"), halves(tensors, "keys.scale")];
  const [valueScale, valueStep] = [halves(tensors, "values.scale"), bytes(tensors, "values.step")];
  for (let head = 0; head < layers * heads; head++) {
    const base = head * tokens * headSize;
    for (let channel = 0; channel < headSize; channel++) {
      const group = head * headSize + channel;
      keys[base + channel] = keyFirst.get(group);
      const scale = magnitude(keyScale.get(group), "keys.scale");
      for (let token = 1; token < tokens; token++) {
        const at = base + token * headSize + channel;
        keys[at] = (snorm(k[at - (head + 1) * headSize], "keys") * scale) / 127;
      }
    }
    const scale = magnitude(valueScale.get(head), "values.scale");
    for (let token = 0; token < tokens; token++) {
      const lowered = scale * (DOWN[valueStep[head * tokens + token] as number] as number);
      for (let i = base + token * headSize; i < base + (token + 1) * headSize; i++) {
        values[i] = (snorm(v[i], "values") * lowered) / 127;
      }
    }
  }
  return { ...sizes, keys, values };
}

/**
 * A group whose largest magnitude is below the smallest normal f16 counts as zero: it could not be told from it in any
 * sum.
 */
const scaleOf = (largest: number) => (largest < 2 ** -14 ? 0 : largest);

/**
 * The most steps down that still cover `largest`; the thousandth absorbs rounding, so that a decoded group finds its
 * step again.
 */
function stepOf(largest: number, scale: number): number {
  if (largest === 0 || scale === 0) return 255;
  return Math.min(255, Math.max(0, Math.floor(STEPS_PER_OCTAVE * Math.log2(scale / largest) + 1e-3)));
}

const quantise = (value: number, scale: number) =>
  scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round((value / scale) * 127)));

function checkPrefix({ layers, heads, tokens, headSize, keys, values }: Prefix): void {
  const refuse = (what: string) => new ProgramError("value", `the prefix ${what}`, "This is a fault of the compiler.");
  const sizes = [layers, heads, tokens, headSize];
  if (!sizes.every((size) => Number.isInteger(size) && size > 0)) throw refuse("needs whole sizes of at least 1");
  const count = sizes.reduce((product, next) => product * next);
  for (const [name, data] of Object.entries({ keys, values })) {
    if (!(data instanceof Float32Array) || data.length !== count) throw refuse(`needs ${count} numbers in ${name}`);
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw refuse(`has ${data[bad]} at index ${bad} of ${name}`);
  }
}

/**
 * The sizes follow from `values`, which has all four in every encoding; then everything must be as {@link layout} says.
 */
function checkTensors(tensors: Map<string, Tensor>): Sizes {
  const refuse = (what: string) => new ProgramError("tensor", what, "Compile the spec again with this version.");
  const shape = tensors.get("values")?.shape ?? [];
  if (shape.length !== 4 || shape.some((size) => size === 0)) {
    throw refuse('tensor "values" is missing or not of shape [layers, heads, tokens, headSize]');
  }
  const [layers, heads, tokens, headSize] = shape as [number, number, number, number];
  const sizes = { layers, heads, tokens, headSize };
  const expected = layout(tensors.get("keys")?.dtype === "F16" ? "f16" : "i8", sizes);
  for (const [name, { dtype, shape }] of Object.entries(expected)) {
    const found = tensors.get(name);
    if (found === undefined) throw refuse(`tensor "${name}" is missing`);
    if (found.dtype !== dtype || found.shape.join() !== shape.join()) {
      throw refuse(`tensor "${name}" is ${found.dtype} [${found.shape}], expected ${dtype} [${shape}]`);
    }
  }
  for (const name of tensors.keys()) {
    if (!Object.hasOwn(expected, name)) throw refuse(`tensor "${name}" is not part of this encoding`);
  }
  return sizes;
}

function magnitude(value: number, name: string): number {
  if (value < 0) throw damaged(name, `the scale ${value}`);
  return value;
}

function snorm(value: number | undefined, name: string): number {
  if (value === -128) throw damaged(name, "-128, which is out of range (-127 to 127)");
  return value as number;
}

const bytes = (tensors: Map<string, Tensor>, name: string) => (tensors.get(name) as Tensor).data;

function signed(tensors: Map<string, Tensor>, name: string): Int8Array {
  const { buffer, byteOffset, length } = bytes(tensors, name);
  return new Int8Array(buffer, byteOffset, length);
}
