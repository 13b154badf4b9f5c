export { programMeta } from "@unplugin-paw/program";
export { type BackgroundOptions, compileInBackground } from "./background.ts";
export { defaultCache } from "./cache.ts";
export {
  accuracyError,
  type Compiled,
  type CompileOptions,
  type CompileProgress,
  compile,
  findProgram,
} from "./compile.ts";
export { type Effort, efforts } from "./effort.ts";
export { CompileError, type CompileErrorCode, RemoteError } from "./errors.ts";
export { describeProgress, plainProgress } from "./progress.ts";
export { pruneCache } from "./prune.ts";
export { runTests, type TestCase, type TestReport } from "./tests.ts";
