import { CodedError } from "@unplugin-paw/errors";

/**
 * Why a `.weights` file (or a program to be written) was refused.
 * `empty`, `not-weights`: not such a file at all. `too-large`: over a size limit. `truncated`: the end is missing.
 * `header`: the JSON header cannot be read. `version`: another format version. `layout`: tensor offsets. `tensor`: a tensor is
 * unknown, missing, or has a wrong dtype or shape. `checksum`: bytes were altered. `value`: a number is NaN, infinite
 * or out of range. `program`: the metadata is malformed. `interpreter`: compiled for another interpreter.
 */
export type ProgramErrorCode =
  | "empty"
  | "not-weights"
  | "too-large"
  | "truncated"
  | "header"
  | "version"
  | "layout"
  | "tensor"
  | "checksum"
  | "value"
  | "program"
  | "interpreter";

/**
 * A `.weights` file or a program that cannot be used: `message` says what is wrong, `hint` what to do. What a log
 * prints (`stack`) has both.
 */
export class ProgramError extends CodedError<ProgramErrorCode> {
  static {
    ProgramError.prototype.name = "ProgramError";
  }
}

/**
 * `type`: wrong type. `missing`, `unknown`: a field. `value`: right type, refused by the schema. `json`: not a JSON
 * value.
 */
export type InputErrorCode = "type" | "missing" | "unknown" | "value" | "json";

/** The value given to a program is not what its contract takes. */
export class InputError extends TypeError {
  static {
    InputError.prototype.name = "InputError";
  }
  readonly code: InputErrorCode;

  constructor(code: InputErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The kind of output that was expected (`json`: not JSON at all, `schema`: JSON that does not fit). */
export type OutputErrorCode = "label" | "boolean" | "string" | "quote" | "number" | "date" | "json" | "schema";

/** An answer that does not fit the contract; `raw` is the answer's text, untouched. */
export class OutputError extends Error {
  static {
    OutputError.prototype.name = "OutputError";
  }
  readonly code: OutputErrorCode;
  readonly raw: string;

  constructor(code: OutputErrorCode, raw: string, message: string) {
    super(message);
    this.code = code;
    this.raw = raw;
  }
}
