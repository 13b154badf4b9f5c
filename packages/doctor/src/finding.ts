import type { Location, Spec } from "@unplugin-paw/spec";

/** Something that keeps a spec's program from being better. */
export interface Finding {
  /** A stable name, such as `few-examples`. */
  code: string;
  /** What was found, with numbers. */
  message: string;
  /** What to do about it. */
  hint: string;
  location: Location;
}

/** A finding without a place of its own is one of the whole spec. */
export function finding(
  spec: Spec,
  code: string,
  message: string,
  hint: string,
  location: Location = spec.locations?.instructions ?? { file: spec.id, line: 1, column: 1 },
): Finding {
  return { code, message, hint, location };
}

/** An input or output as text. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A text as messages quote it. */
export function quoted(value: unknown): string {
  const text = textOf(value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/** `line 12`, or `FILE:12` where it is another file than the spec. */
export function at({ id }: Spec, { file, line }: Location): string {
  return file === id ? `line ${line}` : `${file}:${line}`;
}
