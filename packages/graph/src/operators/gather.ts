import type { Graph, Value } from "../graph.ts";
import type { Operator } from "../operator.ts";
import { type Dimension, GraphError, resolveAxis, type Shape } from "../types.ts";
import { indices, need } from "./check.ts";
import { add, mod, mul } from "./elementwise.ts";
import { reshape, split, zeros } from "./layout.ts";
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

/** Elements by index tuple: `gatherND(x [batch, tokens, width], places [n, 2]) -> [n, width]`. */
export const gatherND: Operator = {
  name: "GatherND",
  domain: "",
  infer(inputs) {
    const x = need(inputs, 0);
    const places = need(inputs, 1, ["int64"]);
    const depth = places.shape.at(-1);
    if (typeof depth !== "number" || depth > x.shape.length)
      throw new GraphError(`tuples of ${depth} do not index a rank of ${x.shape.length}`);
    return [{ type: x.type, shape: [...places.shape.slice(0, -1), ...x.shape.slice(depth)] }];
  },
  // Tuples become row numbers. ScatterND would take tuples, but adds from several threads at once: tuples that occur twice race.
  gradient(g, { inputs }, [dy]) {
    const [x, places] = inputs as [Value, Value];
    const depth = places.shape.at(-1) as number;
    const columns = depth === 1 ? [places] : g.addAll(split, [places, g.ints(new Array(depth).fill(1))], { axis: -1 });
    const ids = columns
      .map((column, i) => g.add(mod, [column, g.sizes(x.shape.slice(i, i + 1), x)]))
      .reduce((id, column, i) => g.add(add, [g.add(mul, [id, g.sizes(x.shape.slice(i, i + 1), x)]), column]));
    const rest = x.shape.slice(depth);
    const rows = g.add(reshape, [zeros(g, x.shape, x), g.sizes([-1, ...rest], x)]);
    return [g.add(reshape, [addAt(g, rows, 0, ids, dy as Value), g.sizes(x.shape, x)])];
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
