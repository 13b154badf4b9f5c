import { createHash } from "node:crypto";

/** Changes whenever the record's form, or the meaning of the language, does. */
const VERSION = "paw-spec 2";

/**
 * SHA-256, in hex, over a version and texts, each behind its length (so that no two lists of texts make one record).
 * Paths and times stay out: the same texts have the same digest on every machine.
 */
export function digestOf(texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of [VERSION, ...texts]) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return hash.digest("hex");
}
