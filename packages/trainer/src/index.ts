export { Adam, type AdamOptions } from "./adam.ts";
export { batches, type TrainingSet } from "./batches.ts";
export { type Random, seededRandom, shuffle } from "./random.ts";
export { type TrainOptions, trainPrefix } from "./train.ts";
export { type Batch, type Example, type Parameter, type Parameters, Trainer } from "./trainer.ts";
export { type Trainable, type TrainingOptions, trainingGraph } from "./training-graph.ts";
