/** What went wrong in a call, for programs; `message` and `hint` are for people. */
export type PawErrorCode =
  /** The input has more tokens than fit behind the program's prefix. */
  | "INPUT_TOO_LONG"
  /** The answer did not end within the token limit; `raw` is what there was of it. */
  | "ANSWER_TOO_LONG"
  /** onnxruntime is not installed. */
  | "NO_ONNXRUNTIME"
  /** The program's file is missing or cannot be read. */
  | "NO_PROGRAM";

/** An error of a call that is neither a wrong input type (`InputError`) nor an answer of a wrong type (`OutputError`). */
export class PawError extends Error {
  override readonly name = "PawError";
  readonly code: PawErrorCode;
  readonly hint: string;
  readonly raw?: string;

  constructor(code: PawErrorCode, message: string, hint: string, options: { raw?: string; cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = hint;
    if (options.raw !== undefined) this.raw = options.raw;
  }
}
