import type { Graph, Operator, Value } from "../graph.ts";
import { broadcast, type ElementType, elementTypes, GraphError } from "../value-type.ts";
import { floats, need } from "./check.ts";
import { sumTo } from "./reduce.ts";

interface BinaryUse {
  a: Value;
  b: Value;
  y: Value;
  /** Gradient of y. */
  dy: Value;
}

/**
 * Arithmetic of two tensors with broadcasting. The rules give gradients of the output's shape; `sumTo` undoes the
 * broadcast.
 */
function binary(
  name: string,
  toA: (g: Graph, use: BinaryUse) => Value,
  toB: (g: Graph, use: BinaryUse) => Value,
): Operator {
  return {
    name,
    domain: "",
    infer(inputs) {
      const a = need(inputs, 0);
      const b = need(inputs, 1);
      if (a.type !== b.type) throw new GraphError(`${a.type} and ${b.type} do not mix`);
      return [{ type: a.type, shape: broadcast(a.shape, b.shape) }];
    },
    gradient(g, { inputs, outputs }, [dy], needed) {
      const [a, b] = inputs as [Value, Value];
      const use: BinaryUse = { a, b, y: outputs[0] as Value, dy: dy as Value };
      return [
        needed[0] ? sumTo(g, toA(g, use), a.shape) : undefined,
        needed[1] ? sumTo(g, toB(g, use), b.shape) : undefined,
      ];
    },
  };
}

interface UnaryUse {
  x: Value;
  y: Value;
  /** Gradient of y. */
  dy: Value;
}

/** A function of each element. */
function unary(name: string, toX: (g: Graph, use: UnaryUse) => Value): Operator {
  return {
    name,
    domain: "",
    infer: (inputs) => [need(inputs, 0, floats)],
    gradient: (g, { inputs, outputs }, [dy]) => [
      toX(g, { x: inputs[0] as Value, y: outputs[0] as Value, dy: dy as Value }),
    ],
  };
}

export const add: Operator = binary(
  "Add",
  (_g, { dy }) => dy,
  (_g, { dy }) => dy,
);
export const sub: Operator = binary(
  "Sub",
  (_g, { dy }) => dy,
  (g, { dy }) => g.add(neg, [dy]),
);
export const mul: Operator = binary(
  "Mul",
  (g, { b, dy }) => g.add(mul, [dy, b]),
  (g, { a, dy }) => g.add(mul, [dy, a]),
);
export const div: Operator = binary(
  "Div",
  (g, { b, dy }) => g.add(div, [dy, b]),
  (g, { b, y, dy }) => g.add(neg, [g.add(mul, [dy, g.add(div, [y, b])])]),
);

export const neg: Operator = unary("Neg", (g, { dy }) => g.add(neg, [dy]));
export const exp: Operator = unary("Exp", (g, { y, dy }) => g.add(mul, [dy, y]));
export const sigmoid: Operator = unary("Sigmoid", (g, { y, dy }) =>
  // y (1 - y) = y - y^2
  g.add(mul, [dy, g.add(sub, [y, g.add(mul, [y, y])])]),
);

/** `to` is the ONNX number of an element type: `elementTypes.float32.code`. */
export const cast: Operator<{ to: number }> = {
  name: "Cast",
  domain: "",
  infer(inputs, { to }) {
    const type = (Object.keys(elementTypes) as ElementType[]).find((name) => elementTypes[name].code === to);
    if (!type) throw new GraphError(`no element type has the number ${to}`);
    return [{ type, shape: need(inputs, 0).shape }];
  },
  gradient: (g, { inputs }, [dy]) => [g.add(cast, [dy], { to: elementTypes[(inputs[0] as Value).type].code })],
};
