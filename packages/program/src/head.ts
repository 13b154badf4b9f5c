import { ProgramError } from "./errors.ts";
import { halves } from "./halves.ts";
import type { Prefix } from "./prefix.ts";
import { ELEMENT_BYTES, type Tensor } from "./safetensors.ts";

/**
 * A linear classifier beside the prefix, of closed labels: it reads the values that the interpreter's upper layers keep
 * of an input, averaged over the input's tokens, of which the last counts for as much as all together. A label's score
 * is `weights[label] . values + bias[label]`.
 *
 * A row behind those of the labels, where there is one, is the scope: the logit of the probability that an input is what
 * the function is for.
 */
export interface Head {
  /** How many layers it reads: the interpreter's last ones. */
  layers: number;
  /** `[rows, layers, heads, headSize]`, row-major. */
  weights: Float32Array;
  /** `[rows]` */
  bias: Float32Array;
}

const WEIGHTS = "head.weights";
const BIAS = "head.bias";

/** @throws {ProgramError} when sizes and arrays disagree, or a number is not finite or does not fit f16. */
export function packHead(head: Head, { layers, heads, headSize }: Prefix): Map<string, Tensor> {
  const refuse = (what: string) => new ProgramError("value", `the head ${what}`, "This is a fault of the compiler.");
  if (!Number.isInteger(head.layers) || head.layers < 1 || head.layers > layers) {
    throw refuse(`reads ${head.layers} layers of ${layers}`);
  }
  const labels = head.bias.length;
  const shape = [labels, head.layers, heads, headSize];
  const count = shape.reduce((product, next) => product * next);
  if (head.weights.length !== count) throw refuse(`needs ${count} weights and has ${head.weights.length}`);
  const tensors = new Map<string, Tensor>();
  for (const [name, numbers, dimensions] of [
    [WEIGHTS, head.weights, shape],
    [BIAS, head.bias, [labels]],
  ] as const) {
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw refuse(`has ${numbers[bad]} at index ${bad} of ${name}`);
    tensors.set(name, {
      dtype: "F16",
      shape: [...dimensions],
      data: new Uint8Array(numbers.length * ELEMENT_BYTES.F16),
    });
    const half = halves(tensors, name);
    for (const [i, value] of numbers.entries()) half.set(i, value);
  }
  return tensors;
}

/**
 * Takes the head's tensors out of a file's, if there are any.
 *
 * @throws {ProgramError} when one is missing, of the wrong dtype or shape, or holds a number that is not finite.
 */
export function takeHead(tensors: Map<string, Tensor>): { head?: Head; rest: Map<string, Tensor> } {
  const rest = new Map([...tensors].filter(([name]) => name !== WEIGHTS && name !== BIAS));
  if (rest.size === tensors.size) return { rest };
  const refuse = (what: string) => new ProgramError("tensor", what, "Compile the spec again with this version.");
  const [weights, bias] = [tensors.get(WEIGHTS), tensors.get(BIAS)];
  const [labels, layers, heads, headSize] = weights?.shape ?? [];
  const [prefixLayers = 0, prefixHeads, , prefixHeadSize] = tensors.get("values")?.shape ?? [];
  if (weights?.dtype !== "F16" || weights.shape.length !== 4 || !layers || layers > prefixLayers) {
    throw refuse(`tensor "${WEIGHTS}" is missing or not F16 of shape [labels, layers, heads, headSize]`);
  }
  if (heads !== prefixHeads || headSize !== prefixHeadSize) {
    throw refuse(`tensor "${WEIGHTS}" has other heads than the prefix: [${weights.shape}]`);
  }
  if (bias?.dtype !== "F16" || bias.shape.join() !== String(labels)) {
    throw refuse(`tensor "${BIAS}" is missing or not F16 of shape [${labels}]`);
  }
  const read = (name: string, count: number) => {
    const half = halves(tensors, name);
    return Float32Array.from({ length: count }, (_, i) => half.get(i));
  };
  const size = weights.data.length / ELEMENT_BYTES.F16;
  return { head: { layers, weights: read(WEIGHTS, size), bias: read(BIAS, labels as number) }, rest };
}
