import type { Operator } from "../operator.ts";
import { addDimensions, type Dimension, elementCount, GraphError, resolveAxis } from "../types.ts";
import { need, needNumbers } from "./check.ts";

/** `reshape(x, g.ints(shape))`: 0 keeps a size, one -1 takes what is left. */
export const reshape: Operator = {
  name: "Reshape",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const target = needNumbers(constants, 1).map((size, i): Dimension => {
      if (size !== 0) return size;
      const kept = x.shape[i];
      if (kept === undefined) throw new GraphError(`axis ${i} of the input, to be kept, does not exist`);
      return kept;
    });
    // Sizes that stand on both sides cancel, and a 1 counts for nothing; what is left has to agree, or gives the size of -1.
    const before = x.shape.filter((size) => size !== 1);
    const after = target.filter((size) => {
      if (size === 1) return false;
      const i = before.indexOf(size);
      if (i >= 0) before.splice(i, 1);
      return i < 0;
    });
    const known = (sizes: Dimension[]) => sizes.every((size) => typeof size === "number");
    const rest = after.filter((size) => size !== -1);
    if (known(before) && known(rest)) {
      const [from, to] = [elementCount(before as number[]), elementCount(rest as number[])];
      if (after.includes(-1) ? from % to !== 0 : from !== to) {
        throw new GraphError(`[${x.shape.join(", ")}] does not fill [${target.join(", ")}]`);
      }
      return [{ type: x.type, shape: target.map((size) => (size === -1 ? from / to : size)) }];
    }
    const left = rest.length === 0 ? before.join("*") : `${before.join("*")}/${rest.join("/")}`;
    return [{ type: x.type, shape: target.map((size) => (size === -1 ? left : size)) }];
  },
};

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
};

/** `split(x, g.ints(sizes))` along `axis`: one output a size. */
export const split: Operator<{ axis: number }> = {
  name: "Split",
  domain: "",
  infer(inputs, { axis }, constants) {
    const x = need(inputs, 0);
    const at = resolveAxis(axis, x.shape.length);
    const sizes = needNumbers(constants, 1);
    if (sizes.reduce((sum, size) => sum + size, 0) !== x.shape[at]) {
      throw new GraphError(`parts of ${sizes.join(" + ")} do not make up ${x.shape[at]}`);
    }
    return sizes.map((size) => ({ type: x.type, shape: x.shape.with(at, size) }));
  },
};
