/**
 * The base of all errors that are thrown on purpose: `message` says what is wrong and where, `hint` what to do about it. What a log prints
 * (`stack`) has both.
 *
 * A subclass sets its name on its prototype, in a `static` block: the stack, which begins with the name, is written by this constructor.
 *
 * @example
 * class DiskError extends HintedError {
 *   static {
 *     DiskError.prototype.name = "DiskError";
 *   }
 * }
 */
export class HintedError extends Error {
  readonly #hint: string;

  constructor(message: string, hint: string, options?: { cause?: unknown }) {
    super(hint === "" ? message : `${message}\nhint: ${hint}`, options);
    void this.stack; // it is written when it is first read: now, with the hint
    this.message = message;
    this.#hint = hint;
  }

  /** What to do about it. (Not a field, which a log would print a second time.) */
  get hint(): string {
    return this.#hint;
  }
}
