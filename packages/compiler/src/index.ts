export { defaultCache } from "./cache.ts";
export { type Compiled, type CompileOptions, type CompileProgress, compile, programMeta } from "./compile.ts";
export { type Effort, efforts } from "./effort.ts";
export { CompileError, type CompileErrorCode } from "./errors.ts";
export { runTests, type TestCase, type TestReport } from "./tests.ts";
