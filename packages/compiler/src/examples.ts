import type { Contract, InputContract } from "@unplugin-paw/program";
import { answerChoices, decisions, type Engine, inputTokens } from "@unplugin-paw/runtime/decode";
import type { Example, TrainingSet } from "@unplugin-paw/trainer";
import { distract } from "./distraction.ts";
import { learntAnswer } from "./length.ts";
import { inOrder, type Shot, shotWeights } from "./prompt.ts";
import type { Random } from "./random.ts";
import { rewritten } from "./rewriting.ts";

/** How many endings are drawn for each example. */
const distractions = 4;

/** Texts that must have a text's answer: with endings that say nothing of it, and written otherwise. */
function variantsOf(text: string, input: InputContract, labels: readonly string[], random: Random): string[] {
  const distracted = Array.from({ length: distractions }, () => distract(text, labels, random));
  return [...distracted, ...rewritten(text, input)];
}

/**
 * Turns pairs into examples of what the decoder does. Texts: every token of the answer and the stop token, out of the
 * whole vocabulary. Closed labels: only the branches of the trie on the way to the right label, out of the tokens that
 * part there; the loss is then exactly the negative log-probability that the decoder gives the label.
 *
 * @param random of closed labels: draws endings that must not change an answer; without it there are no variants
 */
export function trainingSet(engine: Engine, contract: Contract, pairs: readonly Shot[], random?: Random): TrainingSet {
  const { closed } = answerChoices(engine.interpreter, contract);
  const weights = shotWeights(pairs);
  const labels = inOrder(closed?.labels ?? []);
  const rivals = closed ? ofLabels(contract, closed.labels, pairs) : contract;
  const example = (pair: Shot, i: number) => exampleOf(engine, contract, rivals, pair, weights[i] as number);
  return {
    examples: pairs.map(example),
    ...(closed && { columns: [...closed.candidates] }),
    ...(closed &&
      random && {
        variants: pairs.map((pair, i) =>
          variantsOf(pair.input, contract.input, labels, random).map((input) => example({ ...pair, input }, i)),
        ),
      }),
  };
}

/**
 * A contract of those labels that have an example: among these is learned. What a label without one is worth nobody has
 * said, and the examples of the others would speak against it.
 */
function ofLabels(contract: Contract, labels: readonly string[], pairs: readonly Shot[]): Contract {
  const seen = labels.filter((label) => pairs.some(({ output }) => output === label));
  return seen.length < 2 ? contract : { ...contract, output: { kind: "labels", labels: seen } };
}

/**
 * The decisions on the way of an answer, as the loss weighs them.
 *
 * @param rivals the answers that it is chosen among
 */
function exampleOf(
  { interpreter }: Engine,
  contract: Contract,
  rivals: Contract,
  { input, output }: Shot,
  weight: number,
): Example {
  const { startOf } = answerChoices(interpreter, rivals);
  const { closed } = answerChoices(interpreter, contract);
  const ids = inputTokens(interpreter, input);
  const answer = learntAnswer(interpreter, contract, output);
  const found = decisions(startOf(input), answer);
  const column = (token: number) => (closed ? closed.candidates.indexOf(token) : token);
  return {
    // What stands behind the last decision need not be run: it decides nothing.
    ids: [...ids, ...answer.slice(0, found.at(-1)?.place)],
    answers: found.map(({ place, token, among }) => ({
      place: ids.length - 1 + place,
      targets: [column(token)],
      weights: [closed ? weight : weight / answer.length],
      // (Of a typed value every token is a rival: to learn its form, too, costs nothing, and a mask of the vocabulary
      // would.)
      ...(closed && among && { allowed: among.map(column) }),
    })),
  };
}
