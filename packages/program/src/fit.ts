import { ProgramError } from "./errors.ts";
import type { Program } from "./metadata.ts";

/** The sizes of an interpreter that a program depends on. */
export interface Fit {
  layers: number;
  kvHeads: number;
  headSize: number;
  /** Most tokens of a sequence. */
  contextLength: number;
}

/**
 * Refuses a program that the interpreter cannot run, though it has the right name: keys and values of other sizes would
 * leave parts of another program's in the cache.
 *
 * @param reserve tokens that must find room behind the prefix, beside the input
 * @throws {ProgramError} of code `interpreter`
 * @example
 * checkFit(program, interpreter.config, program.answerTokens);
 */
export function checkFit({ prefix }: Pick<Program, "prefix">, config: Fit, reserve = 0): void {
  const wanted = { layers: config.layers, heads: config.kvHeads, headSize: config.headSize };
  for (const [name, size] of Object.entries(wanted)) {
    const found = prefix[name as keyof typeof wanted];
    if (found !== size) {
      const words = { layers: "layers", heads: "key-value heads", headSize: "numbers a head" }[name];
      throw misfit(`the program has ${found} ${words}, its interpreter ${size}`);
    }
  }
  if (prefix.tokens + reserve >= config.contextLength) {
    throw misfit(
      `the program takes ${prefix.tokens} tokens and ${reserve} for the answer, which leaves no room for an input in its interpreter's ${config.contextLength}`,
    );
  }
}

function misfit(what: string): ProgramError {
  return new ProgramError("interpreter", what, "Compile the spec again, for the interpreter that is to run it.");
}
