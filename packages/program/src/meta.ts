import type { Contract } from "./contract.ts";
import type { Metadata } from "./metadata.ts";

/** What is known of a compiled function without loading it. */
export interface ProgramMeta {
  name: string;
  interpreter: { id: string; digest: string };
  contract: Contract;
  /** The spec's tests, scored when it was compiled; null where it has none. */
  tests: { passed: number; total: number; accuracy: number } | null;
}

/** What a function says of its program. */
export function programMeta({ name, interpreter, contract, scores }: Metadata): ProgramMeta {
  return { name, interpreter, contract, tests: scores.tests };
}
