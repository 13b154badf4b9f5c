/** What users import beside `program` and `dispose`, the same in Node and in a browser. */
export { InputError, OutputError, ProgramError } from "@unplugin-paw/program";
export { PawError, type PawErrorCode } from "./errors.ts";
export type { AnyPawFunction } from "./program.ts";
export type {
  CallOptions,
  Classification,
  LoadOptions,
  LoadProgress,
  PawClassifier,
  PawFunction,
  ProgramMeta,
} from "./types.ts";
