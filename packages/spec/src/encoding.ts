import { isUtf8 } from "node:buffer";
import type { Problem } from "./diagnostics.ts";
import { Source } from "./source.ts";

/** The first bytes of compiled programs of the original project: its own formats and zip archives. */
const COMPILED = ["PK\x03\x04", "PAK", "PAW\x02"];

/** Of a data file: more are never pairs, for 100,000 of these are read at most. */
const MAX_LINES = 1_000_000;

/** Turns a file's content into a source, or gives the problem of a file that is no text. */
export function decode(
  content: string | Uint8Array,
  file: string,
  kind: "spec" | "data",
  secret = false,
): Source | Problem {
  // Spreadsheets save texts so; Node knows the encoding by its mark.
  const encoding = kind === "data" && typeof content !== "string" ? utf16(content) : undefined;
  const text = typeof content === "string" ? content : new TextDecoder(encoding).decode(content);
  const refuse = (code: string, message: string, hint: string, offset = 0): Problem => {
    // The frame of a binary file would be noise: only the line breaks before the place are kept.
    const blank = new Source(file, text.slice(0, offset).replace(/[^\r\n]/g, " "));
    return { code, place: blank.place(blank.text.length), message, hint };
  };

  if (kind === "spec" && COMPILED.some((magic) => text.startsWith(magic))) {
    return refuse(
      "compiled-bundle",
      "This file is a compiled PAW bundle, not a text spec.",
      "A .paw file here is the plain-English source: write the spec as text, or give this file its own extension again.",
    );
  }
  if (typeof content !== "string" && !encoding && utf16(content)) {
    return refuse("encoding", "This file is saved as UTF-16.", "Save it as UTF-8.");
  }
  if (encoding && text.includes("\uFFFD")) {
    return refuse("binary", "These bytes are not valid UTF-16.", "Save the file as UTF-8.", text.indexOf("\uFFFD"));
  }
  const beyond = kind === "data" ? lineAfter(text, MAX_LINES) : undefined;
  if (beyond !== undefined) {
    const message = `This data file has more than ${MAX_LINES.toLocaleString("en")} lines.`;
    return { code: "too-large", place: new Source(file, "").place(0), message, hint: "Keep the most telling pairs." };
  }
  const zero = text.indexOf("\0");
  if (zero >= 0) return refuse("binary", "This is a binary file: it has a NUL byte here.", "Write UTF-8 text.", zero);
  if (typeof content !== "string" && !encoding && !isUtf8(content)) {
    const bad = text.indexOf("\uFFFD"); // what the decoder writes for bytes that are no UTF-8
    const hint = kind === "data" ? "Save the file as UTF-8 (in Excel: CSV UTF-8)." : "Save the file as UTF-8 text.";
    return refuse("binary", "These bytes are not valid UTF-8.", hint, bad);
  }
  return new Source(file, text, secret);
}

/** Offset behind a number of lines, where there are more. */
function lineAfter(text: string, lines: number): number | undefined {
  let at = 0;
  for (let line = 0; line < lines; line++) {
    at = text.indexOf("\n", at) + 1;
    if (at === 0) return undefined;
  }
  return at < text.length ? at : undefined;
}

function utf16([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}
