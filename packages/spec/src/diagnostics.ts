import { codeFrameColumns } from "@babel/code-frame";
import { closest, distance } from "fastest-levenshtein";
import { placeholders, printable } from "./printable.ts";
import { type Location, locate, type Place, type Source } from "./source.ts";

/** One thing wrong with a spec or with a data file that it reads. */
export interface Diagnostic {
  /** An error means that there is no spec; a warning does not. */
  severity: "error" | "warning";
  /** A stable name, such as `unknown-key`. */
  code: string;
  message: string;
  location: Location;
  /** The lines around the location with the place marked; empty where there are none to show (a binary file). */
  frame: string;
  /** What to do about it. */
  hint?: string;
}

/** A diagnostic in the making. */
export interface Problem {
  code: string;
  place: Place;
  message: string;
  hint?: string;
}

/** More than this helps nobody, and a data file can hold a hundred thousand mistakes. */
const MAX_ERRORS = 100;
const MAX_WARNINGS = 10;
const FRAME_WIDTH = 160;

/** Collects what is wrong, up to a limit. */
export class Problems {
  readonly list: Diagnostic[] = [];
  #errors = 0;
  #warnings = 0;

  /** True when there is an error, so that there will be no spec. */
  get failed(): boolean {
    return this.#errors > 0;
  }

  /** How many errors there are. */
  get failures(): number {
    return this.#errors;
  }

  /** True when no more errors will be listed: long loops stop then. */
  get full(): boolean {
    return this.#errors > MAX_ERRORS;
  }

  error(code: string, place: Place, message: string, hint?: string): void {
    this.#list("error", code, place, message, hint);
  }

  add({ code, place, message, hint }: Problem): void {
    this.error(code, place, message, hint);
  }

  warning(code: string, place: Place, message: string, hint?: string): void {
    this.#list("warning", code, place, message, hint);
  }

  #list(severity: Diagnostic["severity"], code: string, place: Place, message: string, hint: string | undefined): void {
    const isError = severity === "error";
    if (this.full || (!isError && this.#warnings > MAX_WARNINGS)) return;
    const [count, limit] = isError ? [++this.#errors, MAX_ERRORS] : [++this.#warnings, MAX_WARNINGS];
    const location = locate(place);
    if (count > limit) {
      const more = `There are more ${isError ? "problems" : "warnings"}: only the first ${limit} are listed.`;
      this.list.push({ severity, code: "too-many", message: more, location, frame: "" });
      return;
    }
    const frame = place.source.secret ? "" : frameOf(place.source, location);
    // What a file says may be meant for a terminal, not for a reader.
    const told = hint === undefined ? {} : { hint: printable(hint, "\n") };
    this.list.push({ severity, code, message: printable(message), location, frame, ...told });
  }
}

/**
 * Formats a diagnostic for a terminal: `file:line:column: error: message`, the code frame, the hint. Editors and
 * terminals make the first line clickable. No colours.
 *
 * @example
 * for (const diagnostic of readSpec("sentiment.paw").diagnostics) console.error(formatDiagnostic(diagnostic));
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column } = diagnostic.location;
  const parts = [`${printable(file)}:${line}:${column}: ${diagnostic.severity}: ${diagnostic.message}`];
  if (diagnostic.frame) parts.push(diagnostic.frame);
  if (diagnostic.hint) parts.push(`hint: ${diagnostic.hint}`);
  return parts.join("\n\n");
}

/**
 * The candidate that a mistyped word most likely meant, if one is at most `limit` edits away (default: a third, or
 * two).
 */
export function nearest<T extends string>(
  word: string,
  candidates: readonly T[],
  limit: number = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3)),
): T | undefined {
  if (word.length > 100 || candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  const best = closest(
    lower,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  if (distance(lower, best) > limit) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}

/** "Did you mean ...?" where a candidate is near, then the rest of the hint. */
export function didYouMean(word: string, candidates: readonly string[], otherwise?: string): string | undefined {
  const near = nearest(word, candidates);
  const parts = [near === undefined ? undefined : `Did you mean ${quote(near)}?`, otherwise];
  return parts.filter((part) => part !== undefined).join(" ") || undefined;
}

/** A value as a message shows it: JSON text on one line, what nobody sees named, cut when long. */
export function quote(value: unknown): string {
  // (No more of a long text than is shown: a message may be one of many.)
  const some = typeof value === "string" ? value.slice(0, 100) : value;
  const text = printable(typeof some === "number" ? String(some) : (JSON.stringify(some) ?? String(some)));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function frameOf(source: Source, location: Location): string {
  const first = Math.max(1, location.line - 2);
  const last = Math.min(source.lineCount, location.line + 2);
  // A long line is shown around the place, and control characters must not reach a terminal.
  const cut = location.column > FRAME_WIDTH - 40 ? location.column - 60 : 0;
  const lines: string[] = [];
  for (let line = first; line <= last; line++) {
    lines.push(placeholders(source.line(line).slice(cut, cut + FRAME_WIDTH)));
  }
  if (lines.every((line) => line.trim() === "")) return "";
  const start = { line: location.line, column: location.column - cut };
  // Of a place of several lines the first is marked: the frame shows no more than a few.
  const lineEnd = source.line(location.line).length + 1;
  const endColumn = (location.endLine === location.line ? location.endColumn : undefined) ?? lineEnd;
  const end =
    location.endLine === undefined
      ? {}
      : { end: { line: location.line, column: Math.min(endColumn - cut, FRAME_WIDTH + 1) } };
  return codeFrameColumns(lines.join("\n"), { start, ...end }, {
    linesAbove: 2,
    linesBelow: 2,
    startLine: first,
  } as object);
}
