import type { Operator, Value } from "../graph.ts";
import { elementTypes } from "../value-type.ts";
import { floats, need, needNumbers } from "./check.ts";
import { cast, div, mul } from "./elementwise.ts";
import { resolveAxes, squeeze } from "./layout.ts";
import { reduced, spread } from "./reduce.ts";

/** The mean over axes: `reduceMean(x, g.ints(axes))`. With `keepdims` 1 these axes stay, with size 1. */
export const reduceMean: Operator<{ keepdims: number }> = {
  name: "ReduceMean",
  domain: "",
  infer: (inputs, { keepdims }, constants) => [reduced(need(inputs, 0, floats), needNumbers(constants, 1), keepdims)],
  gradient(g, { inputs, attributes }, [dy]) {
    const [x, axes] = inputs as [Value, Value];
    const over = resolveAxes(g.contents(axes) as number[], x.shape.length).map((axis) => x.shape.slice(axis, axis + 1));
    const count = over
      .map((size) => g.add(squeeze, [g.sizes(size, x), g.ints([0])]))
      .reduce((product, size) => g.add(mul, [product, size]));
    const share = g.add(div, [dy, g.add(cast, [count], { to: elementTypes[x.type].code })]);
    return [spread(g, x, axes, attributes.keepdims, share)];
  },
};
