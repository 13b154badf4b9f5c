export { type EncodedModel, encodeModel } from "./encode.ts";
export { type Constant, Graph, type Node, type Value } from "./graph.ts";
export type { Attributes, AttributeValue, Operator } from "./operator.ts";
export { add, cast, div, mul, sigmoid, sub } from "./operators/elementwise.ts";
export { groupQueryAttention, matMulNBits, quickGelu } from "./operators/fused.ts";
export { gather, gatherND } from "./operators/gather.ts";
export { concat, reshape, split, transpose } from "./operators/layout.ts";
export { fusedMatMul, gemm, matMul } from "./operators/matrix.ts";
export { rmsNorm, skipRmsNorm, softmax } from "./operators/normalization.ts";
export {
  type Dimension,
  type ElementType,
  elementTypes,
  formatType,
  GraphError,
  type Shape,
  type ValueType,
} from "./types.ts";
