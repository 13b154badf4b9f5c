import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { codeFrameColumns } from "@babel/code-frame";
import { CompileError } from "@unplugin-paw/compiler";
import type { Diagnostic, Location } from "@unplugin-paw/spec";
import type { UnpluginContext, UnpluginMessage } from "unplugin";

/** What bundlers take as an error or warning; `frame` is not in unplugin's type, but all of them show it. */
export interface Report extends UnpluginMessage {
  frame?: string;
}

/** Ends the load with an error. The hosts here throw from `error`; the type of unplugin does not say so. */
export function fail(context: UnpluginContext, report: Report): never {
  context.error(report);
  throw new Error(report.message);
}

/** Diagnostics (at least one) as one report: it points at the first and lists all. */
export function diagnosticsReport(diagnostics: readonly Diagnostic[]): Report {
  const [first] = diagnostics as [Diagnostic, ...Diagnostic[]];
  const message = diagnostics.map(({ location, message, hint }) => located(location, message, hint)).join("\n\n");
  return { message, ...at(first.location), ...(first.frame && { frame: first.frame }) };
}

/**
 * What went wrong in a compile, as a report.
 *
 * @param file the spec's path, for errors without a place
 */
export function compileReport(error: unknown, file: string): Report {
  if (error instanceof CompileError) {
    const { location, hint } = error;
    return { message: located(location, error.message, hint), ...at(location), frame: frameOf(location) };
  }
  // Errors of the interpreter and of onnxruntime concern no place in the spec.
  if (error instanceof Error && "hint" in error) {
    return { message: `${shown(file)}: ${error.message}\nhint: ${error.hint}`, id: file, stack: "" };
  }
  return error instanceof Error ? error : new Error(String(error));
}

function located(location: Location, message: string, hint: string | undefined): string {
  const place = `${shown(location.file)}:${location.line}:${location.column}`;
  return `${place}: ${message}${hint === undefined ? "" : `\nhint: ${hint}`}`;
}

/**
 * Where an error is. Columns are 1-based here as in the message, because editors open `file:line:column` so. The stack would only show
 * how a bundler calls a plugin.
 */
function at({ file, line, column }: Location): Pick<Report, "id" | "loc" | "stack"> {
  return { id: file, loc: { file, line, column }, stack: "" };
}

/** Terminals make a path clickable that is relative to where they are. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

function frameOf({ file, line, column }: Location): string {
  try {
    return codeFrameColumns(readFileSync(file, "utf8"), { start: { line, column } });
  } catch {
    return ""; // gone since it was compiled
  }
}
