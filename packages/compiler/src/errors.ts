import type { Location } from "@unplugin-paw/spec";
import type { TestReport } from "./tests.ts";

export type CompileErrorCode =
  /** The spec's tests score below its `accuracy`. */
  | "ACCURACY"
  /** The instructions are longer than a program can hold. */
  | "TOO_LONG";

/** A spec that is sound but cannot be made into a program that may be shipped. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly code: CompileErrorCode;
  readonly hint: string;
  readonly location: Location;
  /** Of an `ACCURACY` error: every test with its answer. */
  readonly report?: TestReport;

  constructor(code: CompileErrorCode, message: string, hint: string, location: Location, report?: TestReport) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.location = location;
    if (report) this.report = report;
  }
}
