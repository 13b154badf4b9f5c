/**
 * The base of all errors that are thrown on purpose: `message` says what is wrong and where, `hint` what to do about
 * it. What a log prints (`stack`) has both.
 *
 * A subclass sets its name on its prototype, in a `static` block: the stack, which begins with the name, is written by
 * this constructor.
 *
 * @example
 * class RemoteError extends HintedError {
 *   static {
 *     RemoteError.prototype.name = "RemoteError";
 *   }
 * }
 */
export class HintedError extends Error {
  readonly #hint: string;

  constructor(message: string, hint = "", options?: { cause?: unknown }) {
    super(hint === "" ? message : `${message}\nhint: ${hint}`, options);
    void this.stack; // it is written when it is first read: now, with the hint
    this.message = message;
    this.#hint = hint;
  }

  /** What to do about it; empty where the message says it all. (Not a field, which a log would print a second time.) */
  get hint(): string {
    return this.#hint;
  }
}

/**
 * One of several that programs tell apart by `code`. A subclass sets its name, as above.
 *
 * @example
 * throw new DiskError("DISK_FULL", "No room left on the disk while writing model.gguf.", "Free some space and run again.");
 */
export class CodedError<Code extends string> extends HintedError {
  readonly code: Code;

  constructor(code: Code, message: string, hint?: string, options?: { cause?: unknown }) {
    super(message, hint, options);
    this.code = code;
  }
}
