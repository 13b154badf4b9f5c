export type { Contract, InputContract, JsonSchema, OutputContract } from "./contract.ts";
export {
  InputError,
  type InputErrorCode,
  OutputError,
  type OutputErrorCode,
  ProgramError,
  type ProgramErrorCode,
} from "./errors.ts";
export { checkFit, type Fit } from "./fit.ts";
export type { Head } from "./head.ts";
export { type ProgramMeta, programMeta } from "./meta.ts";
export type { Coverage, Verbatim } from "./metadata.ts";
export { anchored, isAnchored, type Pattern, PatternError, patternOf } from "./pattern.ts";
export type { Prefix, PrefixEncoding } from "./prefix.ts";
export { decodeMetadata, decodeProgram, encodeProgram, type Metadata, type Program } from "./program.ts";
export {
  askedPrecision,
  isQuote,
  isQuoteOf,
  NOTHING,
  outputLabels,
  outputSchema,
  parseOutput,
  quotedAt,
  renderInput,
  renderOutput,
} from "./text.ts";
export { isDate, type Misfit, misfit, typeOf } from "./validate.ts";
