import type { Operator } from "../operator.ts";
import { GraphError, resolveAxis, type ValueType } from "../types.ts";
import { floats, need } from "./check.ts";

export const softmax: Operator<{ axis: number }> = {
  name: "Softmax",
  domain: "",
  infer(inputs, { axis }) {
    const x = need(inputs, 0, floats);
    resolveAxis(axis, x.shape.length);
    return [x];
  },
};

function scaled(inputs: readonly (ValueType | undefined)[], scaleIndex: number): ValueType {
  const x = need(inputs, 0, floats);
  const scale = need(inputs, scaleIndex, floats);
  if (scale.shape.length !== 1 || scale.shape[0] !== x.shape.at(-1)) {
    throw new GraphError(`a scale of [${scale.shape.join(", ")}] does not fit a width of ${x.shape.at(-1)}`);
  }
  return x;
}

/** RMSNorm (https://arxiv.org/abs/1910.07467) as one node: `x / sqrt(mean(x^2) + epsilon) * scale` over the last axis. */
export const rmsNorm: Operator<{ axis: number; epsilon: { float: number }; stash_type?: number }> = {
  name: "SimplifiedLayerNormalization",
  domain: "",
  infer: (inputs) => [scaled(inputs, 1)],
};

/**
 * Residual sum and RMSNorm in one node: `(x, skip, scale) -> normalized, mean, inverse deviation, x + skip`. The middle two are
 * training outputs that the CPU provider leaves empty.
 */
export const skipRmsNorm: Operator<{ epsilon: { float: number } }> = {
  name: "SkipSimplifiedLayerNormalization",
  domain: "com.microsoft",
  infer(inputs) {
    const x = scaled(inputs, 2);
    const skip = need(inputs, 1, [x.type]);
    if (skip.shape.join() !== x.shape.join()) throw new GraphError("the two summands have different shapes");
    const rows = { type: x.type, shape: [...x.shape.slice(0, -1), 1] };
    return [x, rows, rows, x];
  },
};
