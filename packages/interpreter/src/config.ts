/** Sizes and constants of a Llama-family model. */
export interface LlamaConfig {
  layers: number;
  /** Width of the residual stream. */
  width: number;
  heads: number;
  kvHeads: number;
  headSize: number;
  feedForward: number;
  vocabulary: number;
  /** Longest sequence that the model was trained for, tokens. */
  contextLength: number;
  ropeBase: number;
  normEpsilon: number;
}
