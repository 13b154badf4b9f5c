/**
 * Why nothing was written. `PROJECT`: the folder is no package, or it is not clear what builds it. `WRITE`: a file
 * cannot be written.
 */
export type InitErrorCode = "PROJECT" | "WRITE";

/** A project cannot be set up: `message` says what is wrong, `hint` what to do. */
export class InitError extends Error {
  override readonly name = "InitError";
  readonly code: InitErrorCode;
  readonly hint: string | undefined;

  constructor(code: InitErrorCode, message: string, hint?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}
