import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { CompileError } from "@unplugin-paw/compiler";
import type { Diagnostic, Location } from "@unplugin-paw/spec";
import { placeholders, printable } from "@unplugin-paw/spec/printable";
import type { UnpluginMessage } from "unplugin";

const require = createRequire(import.meta.url);

/** What bundlers take as an error or warning; `frame` is not in unplugin's type. */
export interface Report extends UnpluginMessage {
  frame?: string;
}

/** Ends a load; the bundler's host is given the report. */
export class LoadError extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(report.message);
    this.report = report;
  }
}

/** @throws {LoadError} */
export function fail(report: Report): never {
  throw new LoadError(report);
}

/** The message, with the frame below it: for hosts that show no frame beside a message. */
export function withFrame({ message, frame }: Report): string {
  return frame ? `${message}\n\n${frame}` : message;
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
  if (error instanceof Error && "hint" in error && error.hint) {
    return hinted(`${shown(file)}: ${error.message}`, String(error.hint), file);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** What is wrong and what to do, of an error without a place. */
export function hinted(message: string, hint: string, id?: string): Report {
  return { message: printable(`${message}\nhint: ${hint}`, "\n"), ...(id !== undefined && { id }), stack: "" };
}

/** A spec in code for a runtime that is neither Node nor a browser. */
export function edgeReport(file: string): Report {
  const message = `${shown(file)} is imported by code for an edge runtime, which has neither Node's native modules, by which programs run on a server, nor a browser's workers.`;
  const hint =
    'Run that code in Node (Next.js: export const runtime = "nodejs", which middleware may say too), or import the spec in client code, where it runs in the browser.';
  return hinted(message, hint, file);
}

function located(location: Location, message: string, hint: string | undefined): string {
  const place = `${shown(location.file)}:${location.line}:${location.column}`;
  return `${place}: ${message}${hint ? `\nhint: ${hint}` : ""}`;
}

/**
 * Where an error is. Columns are 1-based here as in the message, because editors open `file:line:column` so. The stack
 * would only show how a bundler calls a plugin.
 */
function at({ file, line, column }: Location): Pick<Report, "id" | "loc" | "stack"> {
  return { id: file, loc: { file, line, column }, stack: "" };
}

/** Terminals make a path clickable that is relative to where they are. */
export function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return printable(path.startsWith("..") ? file : path);
}

function frameOf({ file, line, column }: Location): string {
  try {
    // Loaded where something is wrong, and there at once: an error is thrown, not awaited.
    const { codeFrameColumns } = require("@babel/code-frame") as typeof import("@babel/code-frame");
    return codeFrameColumns(readFileSync(file, "utf8").split("\n").map(placeholders).join("\n"), {
      start: { line, column },
    });
  } catch {
    return ""; // gone since it was compiled
  }
}
