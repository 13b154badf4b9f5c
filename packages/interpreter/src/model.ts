/** The model, for graphs of it that are built elsewhere: apart from the index, so that a runtime never loads it. */

export type { LlamaConfig } from "./config.ts";
export { type Delta, readDelta } from "./delta.ts";
export { type FloatWeights, readFloatWeights } from "./float-weights.ts";
export { type AttendSeam, type LinearSeam, type LlamaInputs, llama } from "./llama.ts";
export { masked } from "./mask.ts";
export { readingWeights } from "./reading.ts";
export { ropeTables, ropeWeights } from "./rope.ts";
export { type LinearName, linearNames, weightNames, weightShape } from "./weights.ts";
