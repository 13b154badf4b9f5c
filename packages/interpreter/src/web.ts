/** What of this package runs in a browser: the vocabulary, the session over any onnxruntime, the errors. */
export type { WebFile, WebManifest } from "./assets.ts";
export { InterpreterError, type InterpreterErrorCode } from "./errors.ts";
export { type Onnxruntime, Session } from "./session.ts";
export { createTokenizer, type Tokenizer, type TokenizerJson } from "./tokenizer.ts";
