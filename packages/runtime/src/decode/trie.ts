import type { Choices } from "./choices.ts";

/** A place in the trie: one token, below its parent. */
export interface TrieNode {
  token: number;
  /** Place of the parent in `LabelTrie.nodes`, -1 = the root (right behind the input). */
  parent: number;
}

/** A place where labels part: the tokens that may follow there, and the labels that each leads to. */
export interface TrieBranch {
  /** Place of the node whose logits decide, -1 = the root. */
  node: number;
  children: { token: number; labels: readonly number[] }[];
}

/**
 * The labels as token sequences, merged where they begin alike. The model is asked only where labels part: a stretch
 * without a choice has probability 1 in a closed set. `nodes` are the tokens that have to be run to reach the branches
 * below the root; for labels whose first tokens differ there are none, and an answer costs one pass over the input.
 */
export interface LabelTrie {
  labels: number;
  nodes: TrieNode[];
  branches: TrieBranch[];
}

/** What may follow where the answer is one of some labels. */
export interface LabelChoices extends Choices {
  readonly next: readonly number[];
  /** The labels, by number, that the answer may still be. */
  readonly labels: readonly number[];
  after(token: number): LabelChoices;
}

/**
 * A closed set of answers.
 *
 * @param labels tokens of each
 * @param stop the token that ends an answer: where one label is the beginning of another, it is one of the choices
 */
export function labelChoices(labels: readonly (readonly number[])[], stop: number): LabelChoices {
  const answers = labels.map((tokens) => [...tokens, stop]);
  return new LabelPlace(answers, [...answers.keys()], 0);
}

/** The place that some answers have in common, `depth` tokens from their beginning. */
class LabelPlace implements LabelChoices {
  readonly next: readonly number[];
  readonly labels: readonly number[];
  readonly #answers: readonly (readonly number[])[];
  readonly #depth: number;
  readonly #groups = new Map<number, number[]>();
  readonly #below = new Map<number, LabelPlace>();

  constructor(answers: readonly (readonly number[])[], labels: readonly number[], depth: number) {
    this.#answers = answers;
    this.#depth = depth;
    this.labels = labels;
    for (const label of labels) {
      const token = answers[label]?.[depth];
      if (token === undefined) continue; // it has ended
      const group = this.#groups.get(token);
      if (group) group.push(label);
      else this.#groups.set(token, [label]);
    }
    this.next = [...this.#groups.keys()];
  }

  after(token: number): LabelPlace {
    const group = this.#groups.get(token);
    if (!group) throw new RangeError(`no label goes on with token ${token}`);
    const place = this.#below.get(token) ?? new LabelPlace(this.#answers, group, this.#depth + 1);
    this.#below.set(token, place);
    return place;
  }
}

/**
 * The trie of a closed set of answers, as one pass runs it.
 *
 * @throws {RangeError} two labels have the same tokens
 * @example
 * labelTrie(labelChoices([[11], [12, 13], [12, 14]], 2)).branches.length; // 2: at the root, and after token 12
 */
export function labelTrie(start: LabelChoices): LabelTrie {
  const trie: LabelTrie = { labels: start.labels.length, nodes: [], branches: [] };
  grow(trie, start, -1);
  return trie;
}

/** Adds what lies below the node `parent`. */
function grow(trie: LabelTrie, choices: LabelChoices, parent: number): void {
  const { labels, next } = choices;
  if (labels.length < 2) return;
  if (next.length === 0) throw new RangeError(`labels ${labels.join(", ")} have the same tokens`);
  const below = next.map((token) => ({ token, choices: choices.after(token) }));
  if (below.length > 1) {
    trie.branches.push({ node: parent, children: below.map(({ token, choices: { labels } }) => ({ token, labels })) });
  }
  for (const { token, choices } of below) {
    if (choices.labels.length < 2) continue;
    trie.nodes.push({ token, parent });
    grow(trie, choices, trie.nodes.length - 1);
  }
}
