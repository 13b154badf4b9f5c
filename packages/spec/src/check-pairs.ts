import { isQuoteOf, quotedAt } from "@unplugin-paw/program";
import { canonical } from "./canonical.ts";
import { type Problems, quote } from "./diagnostics.ts";
import type { PlacedPair } from "./items.ts";
import { looksLike } from "./printable.ts";
import { locate } from "./source.ts";
import type { Shape } from "./value-type.ts";

/**
 * Finds quotes that are none, and pairs that contradict each other: one input with two outputs in a section, and a test that is an example too (a
 * program that has seen the answer proves nothing).
 */
export function checkPairs(pairs: PlacedPair[], output: Shape | undefined, problems: Problems): void {
  if (output?.word === "quote") checkQuotes(pairs, problems);
  const examples = firsts(pairs, "examples", problems);
  const tests = firsts(pairs, "tests", problems);
  const alike = new Map([...examples].map(([input, example]) => [looksLike(input), example]));
  for (const [input, test] of tests) {
    if (problems.full) return;
    const example = examples.get(input);
    if (!example) {
      const near = alike.get(looksLike(input));
      if (!near) continue;
      const message = `This test is the example at ${position(near)} but for blanks, case or characters that look alike.`;
      problems.warning("test-is-example", test.place, message, "A test must be a text that the compiler has not seen.");
      continue;
    }
    const hint = "Remove one of the two: a test must be a text that the compiler has not seen.";
    problems.error("test-is-example", test.place, `This test is also an example, at ${position(example)}.`, hint);
  }
}

/** Finds outputs that are no part of their inputs. */
function checkQuotes(pairs: PlacedPair[], problems: Problems): void {
  for (const { input, output, place } of pairs) {
    if (problems.full) return;
    if (isQuoteOf(input, output)) continue;
    const inCase = quotedAt(String(input).toLowerCase(), String(output).toLowerCase());
    const written = inCase && String(input).slice(inCase.start, inCase.end);
    const hint = written
      ? `The input writes it ${quote(written)}.`
      : "Write it as it stands in the input, or null where there is nothing to quote.";
    problems.error("quote", place, `${quote(output)} is no part of the input.`, hint);
  }
}

/**
 * Tells of labels that no example shows: the program will hardly ever answer them. (One example alone trains nothing.)
 */
export function checkCoverage(pairs: readonly PlacedPair[], output: Shape | undefined, problems: Problems): void {
  const examples = pairs.filter(({ section }) => section === "examples");
  if (!output?.labels || examples.length < 2) return;
  const shown = new Set(examples.map((example) => example.output));
  const missing = output.labels.flatMap((label, index) => (shown.has(label) ? [] : [index]));
  const place = output.labelPlaces?.[missing[0] ?? -1];
  if (!place) return;
  const names = missing.slice(0, 5).map((index) => quote(output.labels?.[index]));
  const some = names.join(", ") + (missing.length > 5 ? ", ..." : "");
  const what =
    missing.length === 1 ? `The label ${some} has no example.` : `${missing.length} labels have no example: ${some}.`;
  const hint = "Give each label some examples: what is never shown is hardly ever answered.";
  problems.warning("unseen-label", place, what, hint);
}

/** The first pair of every input of a section. */
function firsts(pairs: PlacedPair[], section: PlacedPair["section"], problems: Problems): Map<string, PlacedPair> {
  const seen = new Map<string, PlacedPair>();
  for (const pair of pairs) {
    if (problems.full) break;
    if (pair.section !== section) continue;
    const input = canonical(pair.input);
    const first = seen.get(input);
    if (!first) seen.set(input, pair);
    else if (canonical(first.output) !== canonical(pair.output)) {
      const what = `the output ${quote(first.output)} at ${position(first)} and ${quote(pair.output)} here`;
      problems.error("conflict", pair.place, `This input is given twice, with ${what}.`, "Remove the wrong one.");
    }
  }
  return seen;
}

function position(pair: PlacedPair): string {
  const { file, line, column } = locate(pair.place);
  return `${file}:${line}:${column}`;
}
