import type { AppendOptions, Sequence, TreeToken } from "@unplugin-paw/interpreter/session";
import type { Head } from "@unplugin-paw/program";
import type { LabelTrie } from "./trie.ts";

/** What a model makes of one input. */
export interface Scored {
  /** Of each label, a natural logarithm. */
  scores: number[];
  /** The probability that the input is what the function is for; 1 where a program cannot tell. */
  scope: number;
}

/**
 * Log-probabilities of closed labels, for several inputs in one pass: each input is a chain behind the prefix, with the
 * trie below its last token. A label's probability is the product, over the branches on its way, of its child's share
 * among the branch's children, so the labels' probabilities sum to 1 and nothing outside the set has any.
 *
 * A head's log-probabilities are added: two judges, each of which knows what the other does not (as a product of
 * experts, https://doi.org/10.1162/089976602760128018). The sums are no longer logarithms of probabilities; calibration
 * makes them so.
 *
 * @param inputs token ids behind the prefix, of each input
 * @returns of each input
 */
export async function scoreLabels(
  sequence: Sequence,
  inputs: readonly (readonly number[])[],
  trie: LabelTrie,
  head?: Head,
  options?: AppendOptions,
): Promise<Scored[]> {
  const start = sequence.length;
  const starts: number[] = [];
  const tokens: TreeToken[] = [];
  const wanted: number[] = [];
  for (const ids of inputs) {
    starts.push(start + tokens.length);
    for (const [i, id] of ids.entries()) tokens.push({ id, parent: i === 0 ? -1 : start + tokens.length - 1 });
    const root = tokens.length - 1;
    for (const { token, parent } of trie.nodes) tokens.push({ id: token, parent: start + root + 1 + parent });
    for (const { node } of trie.branches) wanted.push(root + 1 + node);
  }
  const logits = await sequence.append(tokens, wanted, options);
  return inputs.map((ids, i) => {
    const { scores, scope } = head
      ? headScores(head, sequence.inputValues(starts[i] as number, ids.length, head.layers), trie.labels)
      : { scores: new Array<number>(trie.labels).fill(0), scope: 1 };
    for (const [b, { children }] of trie.branches.entries()) {
      const here = logits[i * trie.branches.length + b] as Float32Array;
      const shares = logSoftmax(children.map(({ token }) => here[token] as number));
      for (const [c, { labels }] of children.entries()) {
        for (const label of labels) scores[label] = (scores[label] as number) + (shares[c] as number);
      }
    }
    return { scores, scope };
  });
}

/**
 * What a head makes of an input.
 *
 * @param values as {@link Sequence.inputValues} gives them
 * @param labels how many there are; the scope's row is behind theirs
 */
export function headScores({ weights, bias }: Head, values: Float32Array, labels: number): Scored {
  const scores = Array.from(bias, (start, row) => {
    const own = weights.subarray(row * values.length, (row + 1) * values.length);
    return own.reduce((sum, weight, i) => sum + weight * (values[i] as number), start);
  });
  const scope = scores[labels];
  return {
    scores: logSoftmax(scores.slice(0, labels)),
    scope: scope === undefined ? 1 : sigmoid(scope),
  };
}

/** The probability of a logit. */
export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** `x - log(sum(exp(x)))`, shifted by the maximum so that nothing overflows. */
export function logSoftmax(values: readonly number[]): number[] {
  const max = Math.max(...values);
  const log = max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
  return values.map((value) => value - log);
}

/** A program's calibration applied to its labels' log-probabilities: probabilities, which sum to 1. */
export function calibrate(
  scores: readonly number[],
  { temperature, bias }: { temperature: number; bias?: number[] },
): number[] {
  const biased = scores.map((score, i) => score + (bias?.[i] ?? 0));
  const max = Math.max(...biased);
  // The largest is taken away before the temperature can make it too large, and shares of a sum sum to 1.
  const weights = biased.map((score) => Math.exp((score - max) / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
