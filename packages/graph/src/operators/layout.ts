import type { Graph, Operator, Value } from "../graph.ts";
import {
  addDimensions,
  type Dimension,
  divideDimensions,
  GraphError,
  mayBeEqual,
  resolveAxis,
  type Shape,
} from "../value-type.ts";
import { need, needNumbers, needSizes } from "./check.ts";

/** `reshape(x, g.ints(shape))`, or `g.sizes(shape)` with named sizes: 0 keeps a size, one -1 takes what is left. */
export const reshape: Operator = {
  name: "Reshape",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const target = needSizes(constants, 1).map((size, i): Dimension => {
      if (size !== 0) return size;
      const kept = x.shape[i];
      if (kept === undefined) throw new GraphError(`axis ${i} of the input, to be kept, does not exist`);
      return kept;
    });
    const given = target.filter((size) => size !== -1);
    const left = given.length < target.length ? divideDimensions(x.shape, given) : 1;
    const impossible = typeof left === "string" && [...x.shape, ...given].every((size) => typeof size === "number");
    if (impossible || !mayBeEqual(x.shape, [...given, left])) {
      throw new GraphError(`[${x.shape.join(", ")}] does not fill [${target.join(", ")}]`);
    }
    return [{ type: x.type, shape: target.map((size) => (size === -1 ? left : size)) }];
  },
  gradient: (g, { inputs }, [dy]) => [reshapeLike(g, dy as Value, inputs[0] as Value)],
};

/**
 * Reshapes to the shape of `like`: by constants where at most one size is unknown, so that `like` is not kept in
 * memory.
 */
function reshapeLike(g: Graph, x: Value, like: Value): Value {
  const kept = like.shape.map((size, i) => (typeof size === "string" && size === x.shape[i] ? 0 : size));
  const named = kept.filter((size) => typeof size === "string");
  if (named.length > 1) return g.add(reshape, [x, g.sizes(like.shape, like)]);
  return g.add(reshape, [x, g.ints(kept.map((size) => (typeof size === "string" ? -1 : size)))]);
}

export const transpose: Operator<{ perm: readonly number[] }> = {
  name: "Transpose",
  domain: "",
  infer(inputs, { perm }) {
    const x = need(inputs, 0);
    if ([...perm].sort((a, b) => a - b).join() !== x.shape.map((_, i) => i).join()) {
      throw new GraphError(`[${perm.join(", ")}] is no order of ${x.shape.length} axes`);
    }
    return [{ type: x.type, shape: perm.map((axis) => x.shape[axis] as Dimension) }];
  },
  gradient: (g, { attributes: { perm } }, [dy]) => [
    g.add(transpose, [dy], { perm: perm.map((_, axis) => perm.indexOf(axis)) }),
  ],
};

export const concat: Operator<{ axis: number }> = {
  name: "Concat",
  domain: "",
  infer(inputs, { axis }) {
    const first = need(inputs, 0);
    const at = resolveAxis(axis, first.shape.length);
    const shape = [...first.shape];
    for (let i = 1; i < inputs.length; i++) {
      const next = need(inputs, i, [first.type]);
      if (next.shape.length !== shape.length || next.shape.some((size, j) => j !== at && size !== shape[j])) {
        throw new GraphError(`input ${i} differs from input 0 on another axis than ${at}`);
      }
      shape[at] = addDimensions(shape[at] as Dimension, next.shape[at] as Dimension);
    }
    return [{ type: first.type, shape }];
  },
  gradient(g, { inputs, attributes: { axis } }, [dy], needed) {
    const parts = inputs as Value[];
    if (parts.length === 1) return [dy];
    const sizes = parts.map(({ shape }) => shape.at(axis) as Dimension);
    const gradients = g.addAll(split, [dy, g.sizes(sizes, ...parts)], { axis });
    return gradients.map((gradient, i) => (needed[i] ? gradient : undefined));
  },
};

/** `split(x, g.ints(sizes))`, or `g.sizes(sizes)` with named sizes, along `axis`: one output a size. */
export const split: Operator<{ axis: number }> = {
  name: "Split",
  domain: "",
  infer(inputs, { axis }, constants) {
    const x = need(inputs, 0);
    const at = resolveAxis(axis, x.shape.length);
    const sizes = needSizes(constants, 1);
    const sum = sizes.reduce(addDimensions);
    if (typeof sum === "number" && sum !== x.shape[at]) {
      throw new GraphError(`parts of ${sizes.join(" + ")} do not make up ${x.shape[at]}`);
    }
    return sizes.map((size) => ({ type: x.type, shape: x.shape.with(at, size) }));
  },
  gradient: (g, { outputs, attributes }, gradients) => [
    g.add(
      concat,
      outputs.map((output, i) => gradients[i] ?? zeros(g, output.shape, output)),
      attributes,
    ),
  ],
};

/** New axes of size 1, at these places of the result: `unsqueeze(x, g.ints(axes))`. */
export const unsqueeze: Operator = {
  name: "Unsqueeze",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const axes = needNumbers(constants, 1);
    const rank = x.shape.length + axes.length;
    const added = resolveAxes(axes, rank);
    const kept = [...x.shape];
    return [
      {
        type: x.type,
        shape: Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : (kept.shift() as Dimension))),
      },
    ];
  },
  gradient: (g, { inputs }, [dy]) => [g.add(squeeze, [dy, inputs[1]])],
};

/** Takes axes of size 1 away: `squeeze(x, g.ints(axes))`. */
export const squeeze: Operator = {
  name: "Squeeze",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const axes = resolveAxes(needNumbers(constants, 1), x.shape.length);
    for (const axis of axes) {
      if (x.shape[axis] !== 1) throw new GraphError(`axis ${axis} has the size ${x.shape[axis]}, not 1`);
    }
    return [{ type: x.type, shape: x.shape.filter((_, i) => !axes.includes(i)) }];
  },
  gradient: (g, { inputs }, [dy]) => [g.add(unsqueeze, [dy, inputs[1]])],
};

/** Axes in `0 .. rank - 1`, each once. */
export function resolveAxes(axes: readonly number[], rank: number): number[] {
  const resolved = axes.map((axis) => resolveAxis(axis, rank));
  if (new Set(resolved).size < axes.length) throw new GraphError(`the axes ${axes.join(", ")} name one twice`);
  return resolved;
}

/** float32 zeros of a shape, whose named sizes are looked up in the model's inputs and in `example`. */
export function zeros(g: Graph, shape: Shape, example: Value): Value {
  return g.add(constantOfShape, [g.sizes(shape, example)]);
}

/** float32 zeros: `constantOfShape(g.sizes(shape))`. */
export const constantOfShape: Operator = {
  name: "ConstantOfShape",
  domain: "",
  infer: (_inputs, _attributes, constants) => [{ type: "float32", shape: needSizes(constants, 0) as Dimension[] }],
};
