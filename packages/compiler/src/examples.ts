import type { Batch, Example } from "@unplugin-paw/interpreter/training";
import type { Contract } from "@unplugin-paw/program";
import { answerChoices, decisions, type Engine, inputTokens } from "@unplugin-paw/runtime/decode";
import { distract } from "./distraction.ts";
import { learntAnswer } from "./length.ts";
import type { Shot } from "./prompt.ts";
import { type Random, shuffle } from "./random.ts";

/** How many endings are drawn for each example. */
const distractions = 4;
/** How often an example is seen with one. */
const distractedShare = 0.25;

/** Pairs as the training graph takes them: every answer weighs the same, however many tokens it has. */
export interface TrainingSet {
  examples: Example[];
  /** Of closed labels: each example again, several times, with an ending that must not change its answer. */
  distracted?: Example[][];
  /** Of closed labels: the tokens that the decoder chooses from. */
  columns?: number[];
}

/**
 * Turns pairs into examples of what the decoder does. Texts: every token of the answer and the stop token, out of the whole
 * vocabulary. Closed labels: only the branches of the trie on the way to the right label, out of the tokens that part there; the loss
 * is then exactly the negative log-probability that the decoder gives the label.
 *
 * @param random of closed labels: draws endings that must not change an answer; without it there are none
 */
export function trainingSet(engine: Engine, contract: Contract, pairs: readonly Shot[], random?: Random): TrainingSet {
  const { closed } = answerChoices(engine.interpreter, contract);
  const example = (pair: Shot) => exampleOf(engine, contract, pair);
  return {
    examples: pairs.map(example),
    ...(closed && { columns: [...closed.candidates] }),
    ...(closed &&
      random && {
        distracted: pairs.map((pair) =>
          Array.from({ length: distractions }, () =>
            example({ ...pair, input: distract(pair.input, closed.labels, random) }),
          ),
        ),
      }),
  };
}

/** The decisions on the way of an answer, as the loss weighs them. */
function exampleOf({ interpreter }: Engine, contract: Contract, { input, output }: Shot): Example {
  const { start, closed } = answerChoices(interpreter, contract);
  const ids = inputTokens(interpreter, input);
  const answer = learntAnswer(interpreter, contract, output);
  const found = decisions(start, answer);
  const column = (token: number) => (closed ? closed.candidates.indexOf(token) : token);
  return {
    // What stands behind the last decision need not be run: it decides nothing.
    ids: [...ids, ...answer.slice(0, found.at(-1)?.place)],
    answers: found.map(({ place, token, among }) => ({
      place: ids.length - 1 + place,
      targets: [column(token)],
      weights: [closed ? 1 : 1 / answer.length],
      ...(among && { allowed: among.map(column) }),
    })),
  };
}

/**
 * Endless batches of at most `tokens` with their padding (a single longer example is a batch too): epoch after epoch in random order,
 * with examples of like length together so that little is padded. The weights of an average batch sum to 1.
 */
export function* batches(
  { examples, distracted, columns }: TrainingSet,
  tokens: number,
  random: Random,
): Generator<Batch, never> {
  for (;;) {
    // Lengths with some noise: like goes with like, but not always with the same.
    const seen = distracted ? examples.map((example, i) => maybe(example, distracted[i], random)) : examples;
    const noisy = seen.map((example) => ({ example, key: example.ids.length * (0.8 + 0.4 * random()) }));
    const sorted = noisy.sort((a, b) => a.key - b.key).map(({ example }) => example);
    const epoch = balanced(sorted, tokens);
    for (const batch of shuffle(epoch, random)) {
      const share = epoch.length / examples.length;
      yield { examples: batch.map((example) => weighted(example, share)), ...(columns && { columns }) };
    }
  }
}

/** An example as it is, or now and then with an ending. */
function maybe(example: Example, distracted: readonly Example[] = [], random: Random): Example {
  const chosen = distracted[Math.floor((random() * distracted.length) / distractedShare)];
  return chosen ?? example;
}

/** Cuts a list into the fewest batches, about equally long: a rest of one example would cost nearly as much as a full batch. */
function balanced(examples: readonly Example[], tokens: number): Example[][] {
  let best = fill(examples, tokens);
  const { length } = best;
  for (let limit = tokens - 8; limit > tokens / 2; limit -= 8) {
    const tighter = fill(examples, limit);
    if (tighter.length > length) break;
    best = tighter;
  }
  return best;
}

function fill(examples: readonly Example[], tokens: number): Example[][] {
  const all: Example[][] = [];
  let longest = 0;
  for (const example of examples) {
    const current = all.at(-1);
    longest = Math.max(longest, example.ids.length);
    if (current && (current.length + 1) * longest <= tokens) current.push(example);
    else {
      all.push([example]);
      longest = example.ids.length;
    }
  }
  return all;
}

function weighted({ answers, ...example }: Example, factor: number): Example {
  return {
    ...example,
    answers: answers.map((answer) => ({ ...answer, weights: answer.weights.map((weight) => weight * factor) })),
  };
}
