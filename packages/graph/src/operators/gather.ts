import type { Graph, Operator, Value } from "../graph.ts";
import { type Dimension, GraphError, resolveAxis, type Shape } from "../value-type.ts";
import { indices, need } from "./check.ts";
import { reshape, zeros } from "./layout.ts";
import { expand } from "./reduce.ts";

/** Rows by number: `gather(table [n, width], ids [batch, tokens]) -> [batch, tokens, width]` for axis 0. */
export const gather: Operator<{ axis: number }> = {
  name: "Gather",
  domain: "",
  infer(inputs, { axis }) {
    const table = need(inputs, 0);
    const ids = need(inputs, 1, indices);
    const at = resolveAxis(axis, table.shape.length);
    return [{ type: table.type, shape: [...table.shape.slice(0, at), ...ids.shape, ...table.shape.slice(at + 1)] }];
  },
  gradient(g, { inputs, attributes }, [dy]) {
    const [table, ids] = inputs as [Value, Value];
    const axis = resolveAxis(attributes.axis, table.shape.length);
    return [addAt(g, zeros(g, table.shape, table), axis, ids, dy as Value)];
  },
};

/** One element for each index, along an axis: `gatherElements(x [n, m], indices [n, k]) -> [n, k]` for axis 1. */
export const gatherElements: Operator<{ axis: number }> = {
  name: "GatherElements",
  domain: "",
  infer(inputs, { axis }) {
    const x = need(inputs, 0);
    const places = need(inputs, 1, indices);
    sameButFor(axis, x.shape, places.shape);
    return [{ type: x.type, shape: places.shape }];
  },
  gradient(g, { inputs, attributes: { axis } }, [dy]) {
    const [x, places] = inputs as [Value, Value];
    return [g.add(scatterElements, [zeros(g, x.shape, x), places, dy], { axis, reduction: "add" })];
  },
};

/**
 * `data` with `updates` put or added at `indices` along an axis: `scatterElements(data, indices, updates)`. Indices that
 * occur twice add up, in order, so that a sum has the same last bit every time.
 */
export const scatterElements: Operator<{ axis: number; reduction: "none" | "add" }> = {
  name: "ScatterElements",
  domain: "",
  infer(inputs, { axis }) {
    const data = need(inputs, 0);
    const places = need(inputs, 1, indices);
    const updates = need(inputs, 2, [data.type]);
    sameButFor(axis, data.shape, places.shape);
    if (updates.shape.join() !== places.shape.join())
      throw new GraphError(`indices of [${places.shape.join(", ")}] and updates of [${updates.shape.join(", ")}]`);
    return [data];
  },
};

function sameButFor(axis: number, x: Shape, places: Shape): void {
  const at = resolveAxis(axis, x.length);
  if (places.length !== x.length || places.some((size, i) => i !== at && size !== x[i]))
    throw new GraphError(`indices of [${places.join(", ")}] do not run beside [${x.join(", ")}] along axis ${at}`);
}

/** Adds slices to `data` at the numbers `ids` of an axis; one slice an id, in the order of ids. */
function addAt(g: Graph, data: Value, axis: number, ids: Value, slices: Value): Value {
  const before = data.shape.slice(0, axis);
  const after = data.shape.slice(axis + 1);
  const ones = (shape: readonly Dimension[]) => shape.map(() => 1);
  const updates = g.add(reshape, [slices, g.sizes([...before, -1, ...after], data)]);
  const column = g.add(reshape, [ids, g.ints([...ones(before), -1, ...ones(after)])]);
  const places = g.add(expand, [column, g.sizes([...before, 1, ...after], data)]);
  return g.add(scatterElements, [data, places, updates], { axis, reduction: "add" });
}
