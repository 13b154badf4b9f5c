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
  children: { token: number; labels: number[] }[];
}

/**
 * The labels as token sequences, merged where they begin alike. The model is asked only where labels part: a stretch without a
 * choice has probability 1 in a closed set. `nodes` are the tokens that have to be run to reach the branches below the root; for
 * labels whose first tokens differ there are none, and an answer costs one pass over the input.
 */
export interface LabelTrie {
  labels: number;
  nodes: TrieNode[];
  branches: TrieBranch[];
}

/**
 * Builds the trie of some labels.
 *
 * @param labels token ids of each label
 * @param stop the token that ends an answer: where one label is the beginning of another, it is one of the choices
 * @throws {RangeError} two labels have the same tokens
 * @example
 * labelTrie([[11], [12, 13], [12, 14]], 2).branches.length; // 2: at the root, and after token 12
 */
export function labelTrie(labels: readonly (readonly number[])[], stop: number): LabelTrie {
  const trie: LabelTrie = { labels: labels.length, nodes: [], branches: [] };
  const all = labels.map((tokens, label) => ({ label, tokens: [...tokens, stop] }));
  grow(trie, all, 0, -1);
  return trie;
}

type Entry = { label: number; tokens: number[] };

/** Adds what lies below `parent`, which has all of `entries` and is `depth` tokens deep. */
function grow(trie: LabelTrie, entries: Entry[], depth: number, parent: number): void {
  if (entries.length < 2) return;
  const groups = new Map<number, Entry[]>();
  for (const entry of entries) {
    const token = entry.tokens[depth];
    if (token === undefined) {
      throw new RangeError(`labels ${entries.map(({ label }) => label).join(", ")} have the same tokens`);
    }
    groups.set(token, [...(groups.get(token) ?? []), entry]);
  }
  if (groups.size > 1) {
    const children = [...groups].map(([token, group]) => ({
      token,
      labels: group.map(({ label }) => label),
    }));
    trie.branches.push({ node: parent, children });
  }
  for (const [token, group] of groups) {
    if (group.length < 2) continue;
    trie.nodes.push({ token, parent });
    grow(trie, group, depth + 1, trie.nodes.length - 1);
  }
}
