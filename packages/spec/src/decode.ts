import { isUtf8 } from "node:buffer";
import type { Problem } from "./diagnostics.ts";
import { Source } from "./source.ts";

/** The first bytes of compiled programs of the original project: its own formats and zip archives. */
const COMPILED = ["PK\x03\x04", "PAK", "PAW\x02"];

/** Turns a file's content into a source, or gives the problem of a file that is no text. */
export function decode(content: string | Uint8Array, file: string, kind: "spec" | "data"): Source | Problem {
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
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
  if (typeof content !== "string") {
    const [first, second] = content;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      return refuse("encoding", "This file is saved as UTF-16.", "Save it as UTF-8.");
    }
  }
  const zero = text.indexOf("\0");
  if (zero >= 0) return refuse("binary", "This is a binary file: it has a NUL byte here.", "Write UTF-8 text.", zero);
  if (typeof content !== "string" && !isUtf8(content)) {
    const bad = text.indexOf("\uFFFD"); // what the decoder writes for bytes that are no UTF-8
    return refuse("binary", "These bytes are not valid UTF-8.", "Save the file as UTF-8 text.", bad);
  }
  return new Source(file, text);
}
