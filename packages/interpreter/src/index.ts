export type { InterpreterCard, Source } from "./card.ts";
export { cards, findCard } from "./cards.ts";
export type { LlamaConfig } from "./config.ts";
export { InterpreterError, type InterpreterErrorCode } from "./errors.ts";
export { BESIDE, pawHome } from "./homes.ts";
export { type LoadContext, Loads } from "./loads.ts";
export { withLock } from "./lock.ts";
export { type Interpreter, identifyInterpreter, type OpenOptions, openInterpreter } from "./open.ts";
export { type Fetched, fetchInterpreter } from "./place.ts";
export {
  openRegular,
  type ReadLimits,
  type RegularFile,
  readRegular,
  readRegularSync,
  UnfitFile,
  writeNote,
} from "./regular.ts";
export { type FetchOptions, type FetchProgress, fetchModel } from "./store.ts";
export { type Tokenizer, textPieces } from "./tokenizer.ts";
