/** What users import beside `program` and `dispose`, the same in Node and in a browser. */
export { InputError, OutputError, ProgramError } from "@unplugin-paw/program";
export type {
  Assessment,
  CallOptions,
  Classification,
  LoadOptions,
  LoadProgress,
  PawClassifier,
  PawFunction,
  PawQuoter,
  PawWriter,
  ProgramMeta,
  Quote,
  Settled,
} from "./api.ts";
export { PawError, type PawErrorCode } from "./errors.ts";
export type { AnyPawFunction } from "./function.ts";
