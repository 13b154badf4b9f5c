export { crossEntropy } from "./cross-entropy.ts";
export { differentiate } from "./differentiate.ts";
export { type EncodedModel, encodeModel, type WeightPlace } from "./encode.ts";
export { type Constant, Graph, type Node, type Value } from "./graph.ts";
export type { Attributes, AttributeValue, Operator } from "./operator.ts";
export { add, cast, div, exp, log, mod, mul, neg, sigmoid, sqrt, sub, where } from "./operators/elementwise.ts";
export { groupQueryAttention, matMulNBits, quickGelu, rotaryEmbedding } from "./operators/fused.ts";
export { gather, gatherElements, gatherND, scatterElements } from "./operators/gather.ts";
export { concat, reshape, split, squeeze, transpose, unsqueeze } from "./operators/layout.ts";
export { fusedMatMul, gemm, matMul } from "./operators/matrix.ts";
export { logSoftmax, rmsNorm, skipRmsNorm, softmax } from "./operators/normalization.ts";
export { dequantizeLinear } from "./operators/quantised.ts";
export { expand, reduceMean, reduceSum } from "./operators/reduce.ts";
export { slice, toTheEnd } from "./operators/slice.ts";
export {
  type Dimension,
  type ElementType,
  elementTypes,
  formatType,
  GraphError,
  type Shape,
  type ValueType,
} from "./types.ts";
