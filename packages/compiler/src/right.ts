import { type Contract, outputLabels, renderOutput } from "@unplugin-paw/program";
import type { Answer } from "@unplugin-paw/runtime/decode";

/** Whether an answer is the expected one, compared as the model would write both. */
export function isRight(contract: Contract, found: Answer, expected: string): boolean {
  if (found.error) return false;
  // A classifier's null is that it abstains, which no pair could expect; any other function's is a value.
  if (found.value === null && outputLabels(contract)) return false;
  return renderOutput(contract, found.value).trim() === expected.trim();
}
