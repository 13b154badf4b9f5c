import { type Contract, renderOutput } from "@unplugin-paw/program";
import type { Answer } from "@unplugin-paw/runtime/decode";

/** Whether an answer is the expected one, compared as the model would write both. */
export function isRight(contract: Contract, found: Answer, expected: string): boolean {
  // An abstaining classifier answers null, which is no answer that a pair could expect.
  return !found.error && found.value !== null && renderOutput(contract, found.value).trim() === expected.trim();
}
