import { type Contract, isQuoteOf, type Verbatim } from "@unplugin-paw/program";
import type { Shot } from "./prompt.ts";

/**
 * What a function's answers are expected to be: where each of n examples' is a part of its input, or another that comes
 * again ("none"), the next one is, too, with odds of n + 1 to one (Laplace's rule of succession). Undefined where an
 * example has an answer of its own: then training learns from it how often that is, and to expect less would count it
 * twice (it cost one task three points of a hundred). So it is where there is no example, and of strings with a pattern.
 */
export function verbatimOf({ output }: Contract, shots: readonly Shot[]): Verbatim | undefined {
  if (output.kind !== "string" || output.pattern !== undefined || shots.length === 0) return undefined;
  const others = shots.filter((shot) => !isQuoteOf(shot.input, shot.output)).map((shot) => shot.output);
  const besides = [...new Set(others)];
  const comeAgain = besides.every((answer) => others.indexOf(answer) !== others.lastIndexOf(answer));
  return comeAgain ? { by: Math.log(shots.length + 1), besides } : undefined;
}
