import { CodedError } from "@unplugin-paw/errors";

/** What went wrong, for programs; `message` and `hint` are for people. */
export type InterpreterErrorCode =
  /** No card has this id. */
  | "UNKNOWN_CARD"
  /** No source gave the model file. */
  | "MODEL_UNAVAILABLE"
  /** A certain build of an interpreter is wanted (a program names it) that is not here and cannot be made. */
  | "WRONG_DIGEST"
  /** The file is not the one that the card names: other size or other SHA-256. */
  | "MODEL_DIGEST"
  /** A path that should hold the model file cannot be read. */
  | "MODEL_UNREADABLE"
  /** No room left where the model file is kept. */
  | "DISK_FULL"
  /** The store's folder cannot be made or written. */
  | "STORE_UNWRITABLE"
  /** Another process took the store's lock while this one worked (a machine that slept, for instance). */
  | "STORE_LOCK_LOST"
  /** Not a GGUF file, or a truncated or altered one. */
  | "GGUF_INVALID"
  /** A sound GGUF file that holds something which this version cannot run. */
  | "GGUF_UNSUPPORTED"
  /** The vocabulary has no such control token. */
  | "UNKNOWN_TOKEN";

/**
 * Every error that this package throws on purpose: `message` says what is wrong and where, `hint` what to do about it.
 * What a log prints (`stack`) has both.
 *
 * @example
 * try {
 *   await fetchModel(card);
 * } catch (error) {
 *   if (error instanceof InterpreterError) console.error(`${error.message}\n${error.hint}`);
 * }
 */
export class InterpreterError extends CodedError<InterpreterErrorCode> {
  static {
    InterpreterError.prototype.name = "InterpreterError";
  }
}
