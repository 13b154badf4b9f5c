import { type Location, printable } from "@unplugin-paw/spec";
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
  static {
    // Before any stack is taken, which begins with it.
    CompileError.prototype.name = "CompileError";
  }
  readonly code: CompileErrorCode;
  readonly #hint: string;
  readonly location: Location;
  /** Of an `ACCURACY` error: every test with its answer. */
  readonly report?: TestReport;

  constructor(code: CompileErrorCode, text: string, hint: string, location: Location, report?: TestReport) {
    const message = printable(text, "\n"); // it shows inputs and answers, which anybody may have written
    super(`${message}\nhint: ${hint}`);
    void this.stack; // written when it is first read: now, with the hint
    this.message = message;
    this.code = code;
    this.#hint = hint;
    this.location = location;
    if (report) this.report = report;
  }

  /** What to do about it; `stack` has it, too. (Not a field, which a log would print a second time.) */
  get hint(): string {
    return this.#hint;
  }
}

/** The option `remote` names nothing that could be a remote cache. (One that is down is no error.) */
export class RemoteError extends Error {
  static {
    RemoteError.prototype.name = "RemoteError";
  }
  readonly #hint: string;

  constructor(message: string, hint: string) {
    super(`${message}\nhint: ${hint}`);
    void this.stack; // written when it is first read: now, with the hint
    this.message = message;
    this.#hint = hint;
  }

  get hint(): string {
    return this.#hint;
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
