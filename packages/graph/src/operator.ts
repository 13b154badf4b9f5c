import type { Graph, Node, Value } from "./graph.ts";
import type { Shape, ValueType } from "./types.ts";

export type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type Attributes = { readonly [name: string]: AttributeValue | undefined };

/**
 * One ONNX operator: its name, the shape rule that checks a use of it, and (for the operators that training needs) its
 * gradient. Attributes that are numbers are written as ONNX integers; `{ float: 1e-5 }` as floats.
 */
export interface Operator<A extends Attributes = Attributes> {
  readonly name: string;
  /** `""` is ONNX itself; `"com.microsoft"` are onnxruntime's own (fused) operators. */
  readonly domain: "" | "com.microsoft";
  /**
   * Types of the outputs, given those of the inputs (`undefined` = an optional input left out).
   * `constants` has the numbers of inputs made by `Graph.ints` and the sizes of those made by `Graph.sizes`.
   * Throws `GraphError` where the inputs do not fit.
   */
  infer(
    inputs: readonly (ValueType | undefined)[],
    attributes: A,
    constants: readonly (Shape | undefined)[],
  ): ValueType[];
  /** Outputs from this index on are optional: they are computed only where something reads them. Left out: all are computed. */
  readonly optionalOutputs?: number;
  /**
   * The rule of reverse-mode differentiation: adds to `g` what gives the gradients of the inputs, from those of the outputs
   * (`undefined` = the loss does not depend on that output; at least one is there). `needed` says which inputs' gradients are
   * wanted; work for the others is wasted. Left out: the operator cannot stand between a wanted value and the loss.
   */
  gradient?(
    g: Graph,
    node: Node<A>,
    outputGradients: readonly (Value | undefined)[],
    needed: readonly boolean[],
  ): (Value | undefined)[];
  /**
   * Makes the outputs from other nodes, for a composition whose own rule is better than those of its parts: its node is
   * there for differentiation and is not written to the model. `infer` still checks the inputs.
   */
  expand?(g: Graph, inputs: readonly (Value | undefined)[], attributes: A): Value[];
}
