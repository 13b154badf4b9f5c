"""Labels as token sequences, merged where they begin alike, as packages/runtime/src/trie.ts does it."""

from dataclasses import dataclass, field


@dataclass
class Branch:
    """Where labels part: the node whose logits decide (-1: the input's last token), and the labels that each token leads to."""

    node: int
    children: dict[int, list[int]]


@dataclass
class Trie:
    nodes: list[tuple[int, int]] = field(default_factory=list)  # (token, parent), parent -1: the input's last token
    branches: list[Branch] = field(default_factory=list)

    def path(self, node: int) -> list[int]:
        """Tokens from below the root to a node."""
        if node < 0:
            return []
        token, parent = self.nodes[node]
        return [*self.path(parent), token]


def label_trie(labels: list[list[int]], stop: int) -> Trie:
    trie = Trie()
    _grow(trie, [(i, [*tokens, stop]) for i, tokens in enumerate(labels)], 0, -1)
    return trie


def _grow(trie: Trie, entries: list[tuple[int, list[int]]], depth: int, parent: int) -> None:
    if len(entries) < 2:
        return
    groups: dict[int, list] = {}
    for entry in entries:
        groups.setdefault(entry[1][depth], []).append(entry)
    if len(groups) > 1:
        trie.branches.append(Branch(parent, {token: [i for i, _ in group] for token, group in groups.items()}))
    for token, group in groups.items():
        if len(group) > 1:
            trie.nodes.append((token, parent))
            _grow(trie, group, depth + 1, len(trie.nodes) - 1)
