import { styleText } from "node:util";
import type { Metadata } from "@unplugin-paw/program";

type Format = Parameters<typeof styleText>[0];

/** Data: one or more whole lines on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything else that a person should see, on stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours, where the stream is a terminal that wants them (`NO_COLOR` and `FORCE_COLOR` are respected). */
export function style(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream });
}

/**
 * Text from a file that anybody may have written: what controls a terminal, hides or turns text around must not reach
 * one. (As `printable` of the spec package, whose code takes a while to load.)
 */
export function plain(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, "\u00b7");
}

/** What failed for one input, as a field of its line of JSON. */
export function errorJson({ code, message, raw }: { code: string; message: string; raw?: string | undefined }): object {
  return { code, message, ...(raw !== undefined && { raw }) };
}

/** `1,596 bytes`, `1.2 MB`. */
export function size(bytes: number): string {
  return bytes < 100_000 ? `${bytes.toLocaleString("en")} bytes` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** `87.5 %` */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** What a function that abstains answers of the examples that it was measured on, and how much of that is right. */
export function coverageTable({
  scores: { coverage = [] },
  calibration,
}: Pick<Metadata, "scores" | "calibration">): string {
  const rows = coverage.map(({ threshold, coverage, precision }) => [
    `${threshold === calibration.threshold ? ">" : " "} ${threshold.toFixed(3)}`,
    percent(coverage),
    precision === null ? "-" : percent(precision),
  ]);
  return [["  null below", "answered", "right"], ...rows]
    .map(
      ([threshold = "", share = "", right = ""]) => `${threshold.padEnd(12)}${share.padStart(10)}${right.padStart(10)}`,
    )
    .join("\n");
}

/** A value as one line of JSON, cut where it is longer than `limit` characters. */
export function brief(value: unknown, limit = 100): string {
  const text = plain(JSON.stringify(value) ?? "undefined");
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
