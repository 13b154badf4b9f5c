import type { Location } from "@unplugin-paw/spec";
import type { TestReport } from "./tests.ts";

export type CompileErrorCode =
  /** The spec's tests score below its `accuracy`. */
  | "ACCURACY"
  /** The instructions are longer than a program can hold. */
  | "TOO_LONG"
  /** Frozen mode: the cache has no program of the spec as it is now. */
  | "MISSING"
  /** Frozen mode: the cache's program of the spec is not what was put there. */
  | "DAMAGED";

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

/** The option `remote` names nothing that could be a remote cache. (One that is down is no error.) */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** An entry of a cache is not what was put there. The message names the file and goes on from its folder or key. */
export class DamagedEntry extends Error {
  override readonly name = "DamagedEntry";
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}
