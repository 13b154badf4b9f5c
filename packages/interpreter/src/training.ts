/** Training through the frozen interpreter, for the compiler: apart from the index, so that a runtime never loads it. */
export { type FrozenWeights, readFrozen } from "./frozen.ts";
export { type Batch, type Example, type Parameter, type Parameters, Trainer } from "./trainer.ts";
export { linearNames, type Trainable, type TrainingOptions, trainingGraph } from "./training-graph.ts";
