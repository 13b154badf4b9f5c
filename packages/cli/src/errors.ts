import { HintedError } from "@unplugin-paw/errors";
import type { Location } from "@unplugin-paw/spec";
import { brief, note, plain, style } from "./output.ts";

/** The command line itself is wrong: exit code 2. */
export class UsageError extends HintedError {
  static {
    UsageError.prototype.name = "UsageError";
  }
}

/** A file cannot be written. */
export class WriteError extends HintedError {
  static {
    WriteError.prototype.name = "WriteError";
  }

  constructor(path: string, cause: Error) {
    const hint = "Name another place, or make this one writable; nothing was changed.";
    super(`Cannot write ${path}: ${cause.message}.`, hint, { cause });
  }
}

interface Known {
  message: string;
  hint?: string;
  raw?: string;
  location?: Location;
  syscall?: string;
}

/**
 * Prints an error for people: where, what, what to do. The stack is for those who ask for it with `DEBUG=unplugin-paw`.
 */
export function report(error: unknown): void {
  const { message, hint, raw, location, syscall } = error instanceof Error ? (error as Known) : { message: `${error}` };
  const where = location ? `${plain(location.file)}:${location.line}:${location.column}: ` : "";
  // The message may quote a file, a server's answer or an argument.
  note(`${where}${style("red", "error:", process.stderr)} ${plain(message)}`);
  if (raw !== undefined) note(`the model's answer: ${brief(raw, 500)}`);
  if (hint) note(`hint: ${plain(hint)}`);
  const expected = Boolean(hint) || raw !== undefined || syscall !== undefined || isContractError(error);
  if (debugging() && error instanceof Error) note(error.stack ?? "");
  else if (!expected) note("hint: Unexpected error. Set DEBUG=unplugin-paw for its stack.");
}

/**
 * Does one piece of work of several. An error of the work is reported and gives undefined, so that the others still
 * run; a wrong command line and Ctrl-C end everything.
 */
export async function attempt<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || error instanceof UsageError) throw error;
    report(error);
    return undefined;
  }
}

/** Errors that need no hint: their message is all there is to say. */
function isContractError(error: unknown): boolean {
  return error instanceof Error && ["UsageError", "InputError", "OutputError"].includes(error.name);
}

function debugging(): boolean {
  return (process.env.DEBUG ?? "").split(/[\s,]+/).includes("unplugin-paw");
}
