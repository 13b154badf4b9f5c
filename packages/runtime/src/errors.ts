import { CodedError } from "@unplugin-paw/errors";

/** What went wrong in a call, for programs; `message` and `hint` are for people. */
export type PawErrorCode =
  /** The input has more tokens than fit behind the program's prefix. */
  | "INPUT_TOO_LONG"
  /** The answer did not end within the token limit; `raw` is what there was of it. */
  | "ANSWER_TOO_LONG"
  /** onnxruntime is not installed. */
  | "NO_ONNXRUNTIME"
  /** The program's file is missing or cannot be read. */
  | "NO_PROGRAM"
  /** The form for browsers ran elsewhere. */
  | "NO_BROWSER"
  /** In a browser: the server does not give a file of the interpreter. */
  | "FILE_MISSING"
  /** In a browser: a file of the interpreter arrived, several times, with other bytes than the build had. */
  | "FILE_DIGEST"
  /** In a browser: the connection broke, several times, while a file of the interpreter came. */
  | "CONNECTION_LOST"
  /** In a browser: it has no WebAssembly with SIMD, or the page's policy forbids it. */
  | "NO_WEBASSEMBLY"
  /** In a browser: the model does not fit into the memory that the tab may have. */
  | "OUT_OF_MEMORY"
  /** The worker could not start, or broke. */
  | "WORKER_FAILED"
  /** `dispose` was called while the call ran. */
  | "DISPOSED";

/**
 * An error of a call that is neither a wrong input type (`InputError`) nor an answer of a wrong type (`OutputError`).
 * What a log prints (`stack`) ends its first lines with the hint.
 */
export class PawError extends CodedError<PawErrorCode> {
  static {
    PawError.prototype.name = "PawError";
  }
  declare readonly raw?: string;

  constructor(code: PawErrorCode, message: string, hint: string, options: { raw?: string; cause?: unknown } = {}) {
    super(code, message, hint, "cause" in options ? { cause: options.cause } : undefined);
    if (options.raw !== undefined) this.raw = options.raw;
  }
}
