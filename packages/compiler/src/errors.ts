import { CodedError } from "@unplugin-paw/errors";
import type { Location } from "@unplugin-paw/spec";
import { printable } from "@unplugin-paw/spec/printable";
import type { TestReport } from "./report.ts";

export type CompileErrorCode =
  /** The spec's tests score below its `accuracy`. */
  | "ACCURACY"
  /** The instructions are longer than a program can hold. */
  | "TOO_LONG"
  /** The spec asks for a precision and has no examples to measure it on. */
  | "UNMEASURED"
  /** Frozen mode: the cache has no program of the spec as it is now. */
  | "MISSING"
  /** Frozen mode: the cache's program of the spec is not what was put there. */
  | "DAMAGED";

/** A spec that is sound but cannot be made into a program that may be shipped. */
export class CompileError extends CodedError<CompileErrorCode> {
  static {
    CompileError.prototype.name = "CompileError";
  }
  readonly location: Location;
  /** Of an `ACCURACY` error: every test with its answer. */
  readonly report?: TestReport;

  constructor(code: CompileErrorCode, text: string, hint: string, location: Location, report?: TestReport) {
    super(code, printable(text, "\n"), hint); // it shows inputs and answers, which anybody may have written
    this.location = location;
    if (report) this.report = report;
  }
}
