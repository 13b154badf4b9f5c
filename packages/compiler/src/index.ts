export { programMeta } from "@unplugin-paw/program";
export { defaultCache, type Effort, efforts, RemoteError } from "@unplugin-paw/programs";
export { type BackgroundOptions, compileInBackground } from "./background.ts";
export { accuracyError, type Compiled, type CompileOptions, compile, findProgram } from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./errors.ts";
export { type CompileProgress, describeProgress, plainProgress } from "./progress.ts";
export { pruneCache } from "./prune.ts";
export type { TestCase, TestReport } from "./report.ts";
