/** What the benchmarks use of the compiler, to put baselines beside it. */
export { promptTokens } from "./prompt.ts";
export { prefill } from "./reward.ts";
