export { InitError, type InitErrorCode } from "./errors.ts";
export { type Plan, type PlanOptions, planInit } from "./plan.ts";
export { installCommand } from "./repository.ts";
export { type Change, patchOf, writeAll } from "./write.ts";
