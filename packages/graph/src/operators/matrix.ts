import type { Graph, Operator, Value } from "../graph.ts";
import { broadcast, type Dimension, GraphError, type ValueType } from "../value-type.ts";
import { floats, need } from "./check.ts";
import { reshape } from "./layout.ts";
import { sumTo } from "./reduce.ts";

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
  gradient: (g, { inputs }, [dy], needed) => productGradients(g, inputs as Value[], {}, dy as Value, needed),
};

interface Product {
  transA?: number;
  transB?: number;
  /** A factor of the product, 1 unless given. */
  alpha?: { readonly float: number };
  [name: string]: number | { readonly float: number } | undefined;
}

/**
 * onnxruntime's matrix product with transposition by attribute, so that one stored weight serves both directions:
 * with `transB`, `[..., m, k] x [n, k] -> [..., m, n]`. `alpha` scales the product at no cost.
 */
export const fusedMatMul: Operator<Product> = {
  name: "FusedMatMul",
  domain: "com.microsoft",
  infer([a, b, ...rest], { transA, transB }, constants) {
    const flip = (value: typeof a, transposed?: number) =>
      value && transposed
        ? { ...value, shape: [...value.shape.slice(0, -2), value.shape.at(-1) ?? 1, value.shape.at(-2) ?? 1] }
        : value;
    return matMul.infer([flip(a, transA), flip(b, transB), ...rest], {}, constants);
  },
  gradient: (g, { inputs, attributes }, [dy], needed) =>
    productGradients(g, inputs as Value[], attributes, dy as Value, needed),
};

/**
 * `x [m, k] x w [k, n] + c -> [m, n]`, `c` broadcast; `transB` takes `w` as `[n, k]`. One node where MatMul and Add are
 * two.
 */
export const gemm: Operator<{ transA?: number; transB?: number }> = {
  name: "Gemm",
  domain: "",
  infer(inputs, attributes, constants) {
    const product = fusedMatMul.infer(inputs.slice(0, 2), attributes, constants)[0] as ValueType;
    if (product.shape.length !== 2) throw new GraphError("Gemm takes matrices of two axes");
    if (inputs[2]) broadcast(product.shape, inputs[2].shape);
    return [product];
  },
  gradient(g, { inputs, attributes }, [dy], needed) {
    const sides = productGradients(g, inputs as Value[], attributes, dy as Value, needed);
    return [...sides, needed[2] ? sumTo(g, dy as Value, (inputs[2] as Value).shape) : undefined];
  },
};

/**
 * Gradients of `y = alpha A B`, where A and B are `a` and `b`, transposed by attribute or not: dA = alpha dy B^T and dB
 * = alpha A^T dy. Every transposition is an attribute again, so that a weight is read as it is stored and never copied.
 */
function productGradients(
  g: Graph,
  [a, b]: readonly Value[],
  { transA = 0, transB = 0, alpha }: Product,
  dy: Value,
  needed: readonly boolean[],
): (Value | undefined)[] {
  if (!a || !b) throw new GraphError("a product has two sides");
  const multiply = (left: Value, right: Value, flipLeft: number, flipRight: number) =>
    flipLeft || flipRight || alpha
      ? g.add(fusedMatMul, [left, right], { transA: flipLeft, transB: flipRight, ...(alpha && { alpha }) })
      : g.add(matMul, [left, right]);

  const toA = () => (transA ? multiply(b, dy, transB, 1) : multiply(dy, b, 0, 1 - transB));
  const toB = () => {
    // One matrix for a batch: rows of the whole batch in one product, instead of one product each and a sum.
    const batched = b.shape.length === 2 && a.shape.length > 2 && !transA;
    const [left, gradient] = batched ? [rows(g, a), rows(g, dy)] : [a, dy];
    return transB ? multiply(gradient, left, 1, transA) : multiply(left, gradient, 1 - transA, 0);
  };
  return [needed[0] ? sumTo(g, toA(), a.shape) : undefined, needed[1] ? sumTo(g, toB(), b.shape) : undefined];
}

/** `[..., m, k] -> [... * m, k]` */
function rows(g: Graph, x: Value): Value {
  return g.add(reshape, [x, g.sizes([-1, x.shape.at(-1) as Dimension], x)]);
}
