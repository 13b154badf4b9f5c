import { createHash } from "node:crypto";

/**
 * How much a compile may cost: `draft` answers within seconds, `standard` takes about a minute, `thorough` some
 * minutes.
 */
export type Effort = "draft" | "standard" | "thorough";

export const efforts: readonly Effort[] = ["draft", "standard", "thorough"];

/** What makes programs: they are made anew by another version. */
export interface Maker {
  /** Version of the compiler's package. */
  compiler: string;
  /** Counts what was changed in the compiler while its version stood still. */
  method: number;
}

/** All that decides a program. The key of its entry is made of it, and the entry says it in plain words. */
export interface Origin extends Maker {
  /** Of the spec. */
  name: string;
  /** Digest of the spec, with the files that its examples are from. */
  spec: string;
  effort: Effort;
  seed: number;
  interpreter: { id: string; digest: string };
}

/**
 * Hex SHA-256 over all that decides a program. Parts are length-prefixed, so that no two lists of parts read the same.
 */
export function programKey({ name, spec, effort, seed, compiler, method, interpreter }: Origin): string {
  const hash = createHash("sha256");
  for (const part of [`paw program ${method}`, compiler, interpreter.digest, spec, name, effort, String(seed)]) {
    hash.update(`${Buffer.byteLength(part)}:${part}`);
  }
  return hash.digest("hex");
}
