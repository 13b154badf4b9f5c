import type { Graph, Operator, Value } from "../graph.ts";
import { broadcast, type Shape, type ValueType } from "../value-type.ts";
import { floats, need, needNumbers, needSizes } from "./check.ts";
import { resolveAxes, squeeze, unsqueeze } from "./layout.ts";

/** The type of a sum over axes. */
export function reduced(x: ValueType, axes: readonly number[], keepdims: number): ValueType {
  const gone = resolveAxes(axes, x.shape.length);
  const shape = keepdims
    ? x.shape.map((size, i) => (gone.includes(i) ? 1 : size))
    : x.shape.filter((_, i) => !gone.includes(i));
  return { type: x.type, shape };
}

/** The gradient of a sum over axes: the same for every element of a sum. */
export function spread(g: Graph, x: Value, axes: Value, keepdims: number, dy: Value): Value {
  return g.add(expand, [keepdims ? dy : g.add(unsqueeze, [dy, axes]), g.sizes(x.shape, x)]);
}

/** The sum over axes: `reduceSum(x, g.ints(axes))`. With `keepdims` 1 these axes stay, with size 1. */
export const reduceSum: Operator<{ keepdims: number }> = {
  name: "ReduceSum",
  domain: "",
  infer: (inputs, { keepdims }, constants) => [
    reduced(need(inputs, 0, [...floats, "int64"]), needNumbers(constants, 1), keepdims),
  ],
  gradient(g, { inputs, attributes }, [dy]) {
    const [x, axes] = inputs as [Value, Value];
    return [spread(g, x, axes, attributes.keepdims, dy as Value)];
  },
};

/** Repeats a tensor along axes of size 1 and new axes at the left: `expand(x, g.sizes(shape))`. */
export const expand: Operator = {
  name: "Expand",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    return [{ type: x.type, shape: broadcast(x.shape, needSizes(constants, 1)) }];
  },
  gradient: (g, { inputs }, [dy]) => [sumTo(g, dy as Value, (inputs[0] as Value).shape)],
};

/**
 * Undoes a broadcast: sums a gradient over the axes along which an operand of `shape` was repeated. A named size is
 * never taken for a 1, also where it is bound to 1.
 */
export function sumTo(g: Graph, gradient: Value, shape: Shape): Value {
  const extra = gradient.shape.length - shape.length;
  const added = Array.from({ length: extra }, (_, axis) => axis);
  const repeated = shape.flatMap((size, i) => (size === 1 && gradient.shape[i + extra] !== 1 ? [i + extra] : []));
  if (repeated.length === 0) {
    return extra === 0 ? gradient : g.add(reduceSum, [gradient, g.ints(added)], { keepdims: 0 });
  }
  const summed = g.add(reduceSum, [gradient, g.ints([...added, ...repeated])], { keepdims: 1 });
  return extra === 0 ? summed : g.add(squeeze, [summed, g.ints(added)]);
}
