import { CodedError } from "@unplugin-paw/errors";

/**
 * Why nothing was written. `PROJECT`: the folder is no package, or it is not clear what builds it. `WRITE`: a file
 * cannot be written.
 */
export type InitErrorCode = "PROJECT" | "WRITE";

/** A project cannot be set up: `message` says what is wrong, `hint` what to do. */
export class InitError extends CodedError<InitErrorCode> {
  static {
    InitError.prototype.name = "InitError";
  }
}
