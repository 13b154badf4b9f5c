import { InterpreterError, type InterpreterErrorCode } from "@unplugin-paw/interpreter/web";
import {
  InputError,
  type InputErrorCode,
  OutputError,
  type OutputErrorCode,
  ProgramError,
  type ProgramErrorCode,
} from "@unplugin-paw/program";
import { PawError, type PawErrorCode } from "../errors.ts";

/** An error as plain data: what is sent between threads loses its class, and all fields but `message`. */
export interface WireError {
  name: string;
  message: string;
  code: string;
  hint: string;
  raw: string | undefined;
  /** What it came of, as text. */
  cause: string | undefined;
}

/** What is left of an error on its way to the caller. */
export function toWire(error: unknown): WireError {
  const { name, message, code, hint, raw, cause } = error as Partial<Omit<WireError, "cause">> & { cause?: unknown };
  return {
    name: name ?? "Error",
    message: message ?? String(error),
    code: `${code}`,
    hint: hint ?? "",
    raw,
    cause: cause === undefined ? undefined : String((cause as Error).stack ?? cause),
  };
}

/** The error that it was, of the class that it was, where the class is ours. */
export function fromWire({ name, message, code, hint, raw, cause }: WireError): Error {
  const options = cause === undefined ? {} : { cause };
  switch (name) {
    case "PawError":
      return new PawError(code as PawErrorCode, message, hint, raw === undefined ? options : { ...options, raw });
    case "InputError":
      return new InputError(code as InputErrorCode, message);
    case "OutputError":
      return new OutputError(code as OutputErrorCode, raw ?? "", message);
    case "ProgramError":
      return new ProgramError(code as ProgramErrorCode, message, hint);
    case "InterpreterError":
      return new InterpreterError(code as InterpreterErrorCode, message, hint, options);
    default:
      return new PawError(
        "WORKER_FAILED",
        `${name}: ${message}`,
        "This is a fault of ours, or of the machine: please report it.",
        options,
      );
  }
}

/**
 * Whether the worker is of no use after this error: onnxruntime's memory is full, or it is in a state that nobody
 * knows.
 */
export function isFatal({ name, code }: WireError): boolean {
  const ours = ["PawError", "InputError", "OutputError", "ProgramError", "InterpreterError", "AbortError"];
  return !ours.includes(name) || code === "OUT_OF_MEMORY";
}
