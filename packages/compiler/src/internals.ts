/** What the benchmarks use of the compiler, to put baselines beside it. */
export { promptTokens } from "./prompt.ts";
export { answerLimit, prefill } from "./reward.ts";
