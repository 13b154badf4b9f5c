import type { Operator } from "../operator.ts";
import { broadcast, GraphError, type ValueType } from "../types.ts";
import { floats, need } from "./check.ts";

/** Matrix product over the last two axes, broadcasting the others: `[..., m, k] x [..., k, n] -> [..., m, n]`. */
export const matMul: Operator = {
  name: "MatMul",
  domain: "",
  infer(inputs) {
    const a = need(inputs, 0, floats);
    const b = need(inputs, 1, floats);
    if (a.shape.length < 2 || b.shape.length < 2) throw new GraphError("both sides need two axes or more");
    const [k, m] = [a.shape.at(-1), a.shape.at(-2) ?? 1];
    const [n, kOfB] = [b.shape.at(-1) ?? 1, b.shape.at(-2)];
    if (k !== kOfB) throw new GraphError(`inner sizes differ: ${k} against ${kOfB}`);
    return [{ type: a.type, shape: [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n] }];
  },
};

/**
 * onnxruntime's matrix product with transposition by attribute, so that one stored weight serves both directions:
 * with `transB`, `[..., m, k] x [n, k] -> [..., m, n]`.
 */
export const fusedMatMul: Operator<{ transA?: number; transB?: number }> = {
  name: "FusedMatMul",
  domain: "com.microsoft",
  infer([a, b, ...rest], { transA, transB }, constants) {
    const flip = (value: typeof a, transposed?: number) =>
      value && transposed
        ? { ...value, shape: [...value.shape.slice(0, -2), value.shape.at(-1) ?? 1, value.shape.at(-2) ?? 1] }
        : value;
    return matMul.infer([flip(a, transA), flip(b, transB), ...rest], {}, constants);
  },
};

/** `x [m, k] x w [k, n] + c -> [m, n]`, `c` broadcast; `transB` takes `w` as `[n, k]`. One node where MatMul and Add are two. */
export const gemm: Operator<{ transA?: number; transB?: number }> = {
  name: "Gemm",
  domain: "",
  infer(inputs, attributes, constants) {
    const product = fusedMatMul.infer(inputs.slice(0, 2), attributes, constants)[0] as ValueType;
    if (product.shape.length !== 2) throw new GraphError("Gemm takes matrices of two axes");
    if (inputs[2]) broadcast(product.shape, inputs[2].shape);
    return [product];
  },
};
