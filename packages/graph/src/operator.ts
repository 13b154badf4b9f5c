import type { ValueType } from "./types.ts";

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
   * Throws `GraphError` where the inputs do not fit.
   */
  infer(
    inputs: readonly (ValueType | undefined)[],
    attributes: A,
    constants: readonly (readonly number[] | undefined)[],
  ): ValueType[];
}
