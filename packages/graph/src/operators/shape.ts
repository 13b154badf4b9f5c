import type { Operator } from "../operator.ts";
import { type Dimension, GraphError } from "../types.ts";
import { need, needSizes } from "./check.ts";

/** The sizes `start .. end - 1` of a value as int64, known when the model runs. `Graph.sizes` is the way to use it. */
export const shape: Operator<{ start: number; end: number }> = {
  name: "Shape",
  domain: "",
  infer(inputs, { start, end }) {
    const { shape } = need(inputs, 0);
    if (start < 0 || end > shape.length || start >= end)
      throw new GraphError(`${start} .. ${end} are no axes of a rank of ${shape.length}`);
    return [{ type: "int64", shape: [end - start] }];
  },
};

/** float32 zeros: `constantOfShape(g.sizes(shape))`. */
export const constantOfShape: Operator = {
  name: "ConstantOfShape",
  domain: "",
  infer: (_inputs, _attributes, constants) => [{ type: "float32", shape: needSizes(constants, 0) as Dimension[] }],
};
