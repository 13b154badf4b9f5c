import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { codeFrameColumns } from "@babel/code-frame";
import { CompileError } from "@unplugin-paw/compiler";
import { type Diagnostic, type Location, placeholders, printable } from "@unplugin-paw/spec";
import type { UnpluginMessage } from "unplugin";
import type { LoadContext } from "./asset/host.ts";
import { type GeneratedModule, NO_MAP } from "./codegen.ts";

type Context = Pick<LoadContext, "error" | "warn" | "getNativeBuildContext">;

/** What bundlers take as an error or warning; `frame` is not in unplugin's type. */
export interface Report extends UnpluginMessage {
  frame?: string;
}

/** An error that the host has been told of. */
class Reported extends Error {}

/** Ends the load with an error. Rollup and its kin throw from `error`, the other hosts note it and go on; see {@link failedModule}. */
export function fail(context: Context, report: Report): never {
  const shown = shownBy(context, report);
  if (isFarm(context)) throw new Error(shown.message);
  context.error(shown);
  throw new Reported(report.message);
}

export function warn(context: Context, report: Report): void {
  const shown = shownBy(context, report);
  if (isFarm(context)) process.stderr.write(`${shown.message}\n`);
  else context.warn(shown);
}

/** Farm takes no objects for errors and warnings, which are all that unplugin has: it would end the process. */
function isFarm({ getNativeBuildContext }: Context): boolean {
  return getNativeBuildContext?.().framework === "farm";
}

/**
 * What a load that failed gives to a host which goes on: a module with all exports, so that no complaint about a missing one stands beside
 * the error. It says the error again, should somebody run it.
 *
 * @param hot in development, as in `generateModule`: the program that was there before goes on answering
 * @throws the error, where the host has not been told of it
 */
export function failedModule(error: unknown, hot?: string): GeneratedModule {
  if (!(error instanceof Reported)) throw error;
  const made = `new Error(${JSON.stringify(error.message)})`;
  const run =
    hot === undefined
      ? `throw ${made};\nexport default undefined;\n`
      : `import { swappable } from "@unplugin-paw/runtime/hot";\nexport default swappable(${made}, ${hot});\n${hot}?.accept();\n`;
  return { code: `${run}export const meta = undefined;\n`, map: NO_MAP };
}

/**
 * Only Rollup and its kin (who have no native context beside their own) show a frame that stands beside the message. Of the others esbuild
 * alone takes a place, and counts columns from 0.
 */
function shownBy(context: Context, report: Report): Report {
  if (!context.getNativeBuildContext) return report;
  const { frame, loc, ...rest } = report;
  const message = frame ? `${report.message}\n\n${frame}` : report.message;
  return { ...rest, message, ...(loc && { loc: { ...loc, column: loc.column - 1 } }) };
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
    return hinted(`${shown(file)}: ${error.message}`, String(error.hint), file);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** What is wrong and what to do, of an error without a place. */
export function hinted(message: string, hint: string, id?: string): Report {
  return { message: `${message}\nhint: ${hint}`, ...(id !== undefined && { id }), stack: "" };
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
export function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return printable(path.startsWith("..") ? file : path);
}

function frameOf({ file, line, column }: Location): string {
  try {
    return codeFrameColumns(readFileSync(file, "utf8").split("\n").map(placeholders).join("\n"), {
      start: { line, column },
    });
  } catch {
    return ""; // gone since it was compiled
  }
}
