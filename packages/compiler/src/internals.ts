/** What the benchmarks use of the compiler, to put baselines beside it. */
export { abstentionOf } from "./abstention.ts";
export { trainContinuous } from "./continuous.ts";
export { type Plan, plans, stepsFor } from "./effort.ts";
export { trainingSet } from "./examples.ts";
export { answerLimit } from "./length.ts";
export { classScores, type Dual, fitLogistic, product, softmax } from "./logistic.ts";
export { type Material, prepare } from "./material.ts";
export { promptTokens } from "./prompt.ts";
export { seededRandom, shuffle } from "./random.ts";
export { refit } from "./refit.ts";
export { testReport } from "./report.ts";
export { logProbability } from "./reward.ts";
export { otherCase } from "./rewriting.ts";
export { calibrationOf, type Stage } from "./stage.ts";
export { runStages } from "./stages.ts";
export { borrowTrainer } from "./trainers.ts";
