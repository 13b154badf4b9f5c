import type { Operator } from "../graph.ts";
import { GraphError } from "../value-type.ts";
import { floats, need } from "./check.ts";

/**
 * `code * scale`, with a scale for each block of `block_size` codes along `axis`. Inputs: codes `[..., columns]`, scales
 * `[..., columns / block_size]`.
 */
export const dequantizeLinear: Operator<{ axis: number; block_size: number }> = {
  name: "DequantizeLinear",
  domain: "",
  infer(inputs, { axis, block_size }) {
    const codes = need(inputs, 0, ["uint4", "uint8", "int8"]);
    const scales = need(inputs, 1, floats);
    const blocks = codes.shape.map((size, i) => (i === axis ? Number(size) / block_size : size));
    if (scales.shape.join() !== blocks.join()) {
      throw new GraphError(`scales are [${scales.shape.join(", ")}], not [${blocks.join(", ")}]`);
    }
    return [{ type: scales.type, shape: codes.shape }];
  },
};
