import type { Operator } from "../operator.ts";
import { broadcast, type ElementType, elementTypes, GraphError } from "../types.ts";
import { floats, need } from "./check.ts";

/** Arithmetic of two tensors with broadcasting. */
function binary(name: string): Operator {
  return {
    name,
    domain: "",
    infer(inputs) {
      const a = need(inputs, 0);
      const b = need(inputs, 1);
      if (a.type !== b.type) throw new GraphError(`${a.type} and ${b.type} do not mix`);
      return [{ type: a.type, shape: broadcast(a.shape, b.shape) }];
    },
  };
}

/** A function of each element. */
function unary(name: string): Operator {
  return { name, domain: "", infer: (inputs) => [need(inputs, 0, floats)] };
}

export const add: Operator = binary("Add");
export const sub: Operator = binary("Sub");
export const mul: Operator = binary("Mul");
export const div: Operator = binary("Div");
export const sigmoid: Operator = unary("Sigmoid");

/** `to` is the ONNX number of an element type: `elementTypes.float32.code`. */
export const cast: Operator<{ to: number }> = {
  name: "Cast",
  domain: "",
  infer(inputs, { to }) {
    const type = (Object.keys(elementTypes) as ElementType[]).find((name) => elementTypes[name].code === to);
    if (!type) throw new GraphError(`no element type has the number ${to}`);
    return [{ type, shape: need(inputs, 0).shape }];
  },
};
