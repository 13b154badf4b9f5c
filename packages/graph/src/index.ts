export { crossEntropy } from "./cross-entropy.ts";
export { differentiate } from "./differentiate.ts";
export { type EncodedModel, encodeModel, type WeightPlace } from "./encode.ts";
export {
  type Attributes,
  type AttributeValue,
  type Constant,
  Graph,
  type Node,
  type Operator,
  type Value,
} from "./graph.ts";
export { add, cast, div, exp, mul, neg, sigmoid, sub } from "./operators/elementwise.ts";
export { groupQueryAttention, matMulNBits, quickGelu, rotaryEmbedding } from "./operators/fused.ts";
export { gather, gatherElements, scatterElements } from "./operators/gather.ts";
export { concat, reshape, split, squeeze, transpose, unsqueeze } from "./operators/layout.ts";
export { fusedMatMul, gemm, matMul } from "./operators/matrix.ts";
export { reduceMean } from "./operators/mean.ts";
export { logSoftmax, rmsNorm, skipRmsNorm, softmax } from "./operators/normalization.ts";
export { dequantizeLinear } from "./operators/quantised.ts";
export { expand, reduceSum } from "./operators/reduce.ts";
export {
  type Dimension,
  type ElementType,
  elementTypes,
  formatType,
  GraphError,
  type Shape,
  type ValueType,
} from "./value-type.ts";
