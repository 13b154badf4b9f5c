import type { Operator } from "../operator.ts";
import { GraphError, resolveAxis } from "../types.ts";
import { indices, need } from "./check.ts";

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
};
