import { CodedError } from "@unplugin-paw/errors";

/**
 * Why a teacher gave no pairs. `MISSING`: a package or file that it needs. `KEY`: the provider wants another key.
 * `LIMIT`: a cap was reached. `RATE`: too many requests, also after waiting. `NETWORK`: it cannot be reached, or
 * failed. `ANSWER`: what it writes is no use. `OPTION`: it is not named as it must be. `INPUTS`: the real inputs cannot
 * be read.
 */
export type TeacherErrorCode = "MISSING" | "KEY" | "LIMIT" | "RATE" | "NETWORK" | "ANSWER" | "OPTION" | "INPUTS";

/** A teacher cannot go on. What it wrote before is in the record. */
export class TeacherError extends CodedError<TeacherErrorCode> {
  static {
    TeacherError.prototype.name = "TeacherError";
  }
}
