import { outputLabels } from "@unplugin-paw/program";
import type { Pair, Spec } from "@unplugin-paw/spec";
import { canonical } from "@unplugin-paw/spec/record";
import { similarity } from "@unplugin-paw/spec/similar";
import { at, type Finding, finding, quoted, textOf } from "./finding.ts";

/** More alike than this, two inputs are one for a reader. */
const SAME = 0.85;
/** Comparing all pairs of more takes minutes. */
const MOST = 2_000;
/** Characters: about 500 tokens, from where answers get slow and training cuts. */
const LONG = 2_000;

/** How many examples and tests there are. */
export function checkCounts(spec: Spec): Finding[] {
  const { examples, tests } = spec;
  const found: Finding[] = [];
  if (examples.length < 16) {
    const message = `There ${examples.length === 1 ? "is 1 example" : `are ${examples.length} examples`}: a program learns from 16 to 64.`;
    const hint = `Have a teacher write them: \`paw pairs regenerate ${spec.id} --teacher ...\` (docs/teacher.md), or take them from real data.`;
    found.push(finding(spec, "few-examples", message, hint));
  }
  if (tests.length < 10) {
    const message = `There ${tests.length === 1 ? "is 1 test" : `are ${tests.length} tests`}: the score says little.`;
    found.push(finding(spec, "few-tests", message, "Write 20 under `## Tests`, from real data where there is some."));
  }
  return found;
}

/** Examples that contradict each other or say the same, and tests that are examples but for a word. */
export function checkCopies(spec: Spec): Finding[] {
  const { examples, tests } = spec;
  if (examples.length + tests.length > MOST) return [];
  const alike = (a: Pair, b: Pair) => similarity(textOf(a.input), textOf(b.input)) > SAME;
  const found: Finding[] = [];
  const copies: Pair[] = [];
  const isClosed = outputLabels(spec.contract) !== undefined;
  for (const [i, one] of examples.entries()) {
    const other = examples.slice(0, i).find((other) => alike(one, other));
    if (!other) continue;
    copies.push(one);
    if (!isClosed || canonical(one.output) === canonical(other.output)) continue;
    const message = `${quoted(one.input)} is ${quoted(one.output)}, but nearly the same input at ${at(spec, other.location)} is ${quoted(other.output)}.`;
    found.push(
      finding(spec, "contradiction", message, "Decide for one of them, or say what parts them.", one.location),
    );
  }
  if (copies.length >= 3 && copies.length > 0.2 * examples.length) {
    const message = `${copies.length} of ${examples.length} examples are nearly copies of others, such as ${quoted(copies[0]?.input)}.`;
    const hint = "Other words, lengths and topics teach more.";
    found.push(finding(spec, "copies", message, hint, copies[0]?.location));
  }
  const leaked = tests.flatMap((test) => {
    const example = examples.find((example) => alike(test, example));
    return example ? [{ test, example }] : [];
  });
  const [first] = leaked;
  if (first) {
    const message = `${leaked.length} of ${tests.length} tests are nearly examples: ${quoted(first.test.input)} and ${at(spec, first.example.location)}.`;
    const hint = "Take other inputs: a program that has seen the answer proves nothing.";
    found.push(finding(spec, "leak", message, hint, first.test.location));
  }
  return found;
}

/** Inputs that are long, and tests that are unlike the examples. */
export function checkLengths(spec: Spec): Finding[] {
  const { examples, tests } = spec;
  const found: Finding[] = [];
  const long = [...examples, ...tests].filter(({ input }) => textOf(input).length > LONG);
  if (long[0]) {
    const message = `${long.length} inputs are longer than ${LONG.toLocaleString("en")} characters, such as ${quoted(long[0].input)}.`;
    const hint = "Cut out the part that decides before the call: a model of this size loses it in a long text.";
    found.push(finding(spec, "long-inputs", message, hint, long[0].location));
  }
  const middle = (pairs: readonly Pair[]) => {
    const lengths = pairs.map(({ input }) => textOf(input).length).sort((a, b) => a - b);
    return lengths[lengths.length >> 1] ?? 0;
  };
  const [shown, tested] = [middle(examples), middle(tests)];
  if (examples.length >= 8 && tests.length >= 8 && Math.max(shown / tested, tested / shown) > 3) {
    const message = `Half of the examples are longer than ${shown} characters, half of the tests longer than ${tested}.`;
    const hint = "Take both from the same place: a program does best on inputs like those that it has seen.";
    found.push(finding(spec, "unlike-tests", message, hint, tests[0]?.location));
  }
  return found;
}

/** What lies outside of what the function is for. */
export function checkScope(spec: Spec): Finding[] {
  const { contract, tests, examples } = spec;
  const schema = contract.output.kind === "json" ? contract.output.schema : {};
  const isNullable = JSON.stringify(schema).includes('"null"') && schema.type !== "object";
  if (!isNullable || tests.length === 0) return [];
  const untested = tests.every(({ output }) => output !== null);
  const unshown = examples.length > 0 && examples.every(({ output }) => output !== null);
  if (!untested && !unshown) return [];
  const message = `The function may answer null, but no ${unshown ? "example" : "test"} does.`;
  const hint = "Add inputs that have no answer: a message without an order number, a text in another language.";
  return [finding(spec, "null-untested", message, hint)];
}
