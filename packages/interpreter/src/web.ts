/** What of this package runs in a browser: the vocabulary, the session over any onnxruntime, the errors. */
export type { WebFile, WebManifest } from "./assets.ts";
export { InterpreterError, type InterpreterErrorCode } from "./errors.ts";
export { type LoadContext, Loads } from "./loads.ts";
export { type Onnxruntime, Session } from "./session.ts";
export { createTokenizer, type Tokenizer, type TokenizerJson, textPieces } from "./tokenizer.ts";
