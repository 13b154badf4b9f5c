import { type Contract, isQuoteOf, type Verbatim } from "@unplugin-paw/program";
import { isOfWholeWords } from "@unplugin-paw/runtime/decode";
import type { Shot } from "./prompt.ts";
import { many } from "./split.ts";

/** In log units: more than a model is ever sure by. */
const certain = 100;

/**
 * What a function's answers are expected to be: where each of n examples' is a part of its input, or another that comes
 * again ("none"), the next one is, too, with odds of n + 1 to one (Laplace's rule of succession); and where all those
 * parts are whole words, so is its. Of many examples it is certain: a model that leaves an input's words is then more
 * often wrong than the input is an exception (docs/benchmarks.md). Undefined where an example has an answer of its own:
 * then training learns from it how often that is, and to expect less would count it twice (it cost one task three
 * points of a hundred). So it is where there is no example, and of strings with a pattern.
 */
export function verbatimOf({ output }: Contract, shots: readonly Shot[]): Verbatim | undefined {
  if (output.kind !== "string" || output.pattern !== undefined || shots.length === 0) return undefined;
  const isPart = (shot: Shot) => isQuoteOf(shot.input, shot.output);
  const parts = shots.filter(isPart);
  const others = shots.filter((shot) => !isPart(shot)).map((shot) => shot.output);
  const besides = [...new Set(others)];
  const comeAgain = besides.every((answer) => others.indexOf(answer) !== others.lastIndexOf(answer));
  if (!comeAgain) return undefined;
  const wholeWords = parts.length > 0 && parts.every((shot) => isOfWholeWords(shot.input, shot.output));
  const by = shots.length < many ? Math.log(shots.length + 1) : certain;
  return { by, besides, wholeWords };
}
