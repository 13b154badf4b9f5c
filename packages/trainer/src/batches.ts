import { type Random, shuffle } from "./random.ts";
import type { Batch, Example } from "./trainer.ts";

/** How often a variant is seen in an example's place. */
const variantShare = 0.4;

/** Examples as the training graph takes them: every answer weighs the same, however many tokens it has. */
export interface TrainingSet {
  examples: Example[];
  /** Of each example, others that must have the same answer: one of them is seen in its place now and then. */
  variants?: Example[][];
  /** Of closed labels: the tokens that the decoder chooses from. */
  columns?: number[];
}

/**
 * Endless batches of at most `tokens` with their padding (a single longer example is a batch too): epoch after epoch in
 * random order, with examples of like length together so that little is padded. The weights of an average batch sum to
 * 1.
 */
export function* batches(
  { examples, variants, columns }: TrainingSet,
  tokens: number,
  random: Random,
): Generator<Batch, never> {
  for (;;) {
    // Lengths with some noise: like goes with like, but not always with the same.
    const seen = variants ? examples.map((example, i) => variantOf(example, variants[i], random)) : examples;
    const noisy = seen.map((example) => ({ example, key: example.ids.length * (0.8 + 0.4 * random()) }));
    const sorted = noisy.sort((a, b) => a.key - b.key).map(({ example }) => example);
    const epoch = balanced(sorted, tokens);
    for (const batch of shuffle(epoch, random)) {
      const share = epoch.length / examples.length;
      yield { examples: batch.map((example) => weighted(example, share)), ...(columns && { columns }) };
    }
  }
}

/** An example as it is, or now and then a variant of it. */
function variantOf(example: Example, variants: readonly Example[] = [], random: Random): Example {
  return variants[Math.floor((random() * variants.length) / variantShare)] ?? example;
}

/**
 * Cuts a list into the fewest batches, about equally long: a rest of one example would cost nearly as much as a full
 * batch.
 */
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
