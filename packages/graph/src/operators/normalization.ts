import type { Operator, Value } from "../graph.ts";
import { GraphError, resolveAxis, type ValueType } from "../value-type.ts";
import { floats, need } from "./check.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { reduceMean } from "./mean.ts";
import { reduceSum, sumTo } from "./reduce.ts";

function alongAxis(inputs: readonly (ValueType | undefined)[], { axis }: { axis: number }): ValueType[] {
  const x = need(inputs, 0, floats);
  resolveAxis(axis, x.shape.length);
  return [x];
}

export const softmax: Operator<{ axis: number }> = {
  name: "Softmax",
  domain: "",
  infer: alongAxis,
  // y (dy - sum of dy y), from the output of the forward pass
  gradient(g, { outputs: [y], attributes: { axis } }, [dy]) {
    const weighted = g.add(mul, [dy, y]);
    const sum = g.add(reduceSum, [weighted, g.ints([axis])], { keepdims: 1 });
    return [g.add(sub, [weighted, g.add(mul, [y, sum])])];
  },
};

export const logSoftmax: Operator<{ axis: number }> = {
  name: "LogSoftmax",
  domain: "",
  infer: alongAxis,
  gradient(g, { outputs: [y], attributes: { axis } }, [dy]) {
    const sum = g.add(reduceSum, [dy, g.ints([axis])], { keepdims: 1 });
    return [g.add(sub, [dy, g.add(mul, [g.add(exp, [y]), sum])])];
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

/**
 * RMSNorm (https://arxiv.org/abs/1910.07467) as one node: `x / sqrt(mean(x^2) + epsilon) * scale` over the last axis.
 * The second output, `[..., 1]`, is 1 / sqrt(mean(x^2) + epsilon): the backward pass reads it.
 */
export const rmsNorm: Operator<{ axis: number; epsilon: { float: number }; stash_type?: number }> = {
  name: "SimplifiedLayerNormalization",
  domain: "",
  infer(inputs, { axis }) {
    const x = scaled(inputs, 1);
    if (resolveAxis(axis, x.shape.length) !== x.shape.length - 1)
      throw new GraphError(`the norm is over the last axis, not over axis ${axis}`);
    return [x, { type: "float32", shape: [...x.shape.slice(0, -1), 1] }];
  },
  optionalOutputs: 1,
  // With r = inverse deviation and t = dy scale: dx = r (t - x r^2 mean(t x)), dscale = sum of dy x r
  gradient(g, { inputs, outputs: [, inverse] }, [dy], needed) {
    const [x, scale] = inputs as [Value, Value];
    const times = (a: Value | undefined, b: Value | undefined) => g.add(mul, [a, b]);
    const toX = () => {
      const t = times(dy, scale);
      const mean = g.add(reduceMean, [times(t, x), g.ints([-1])], { keepdims: 1 });
      const along = times(times(inverse, inverse), mean);
      return times(g.add(sub, [t, times(x, along)]), inverse);
    };
    return [needed[0] ? toX() : undefined, needed[1] ? sumTo(g, times(dy, times(x, inverse)), scale.shape) : undefined];
  },
};

/**
 * Residual sum and RMSNorm in one node: `(x, skip, scale) -> normalized, mean, inverse deviation, x + skip`. The middle
 * two are training outputs that the CPU provider leaves empty, so this one is for the forward pass only.
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
