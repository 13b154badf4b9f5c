import type { Metadata } from "@unplugin-paw/program";
import type { ProgramMeta } from "./types.ts";

/** What a function says of its program. */
export function programMeta({ name, interpreter, contract, scores }: Metadata): ProgramMeta {
  return { name, interpreter, contract, tests: scores.tests };
}
