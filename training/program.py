"""One program to be learnt: a spec's prefix and several inputs behind it, as a tree of tokens."""

from dataclasses import dataclass, field

from .chat import Chat
from .trie import Trie, label_trie


@dataclass
class Answer:
    """A place where the right token is known: `token` follows the token at `place`, out of `choices` (None: the whole vocabulary)."""

    place: int
    token: int
    weight: float
    choices: list[int] | None = None


@dataclass
class Program:
    """Tokens and their parents (-1: none). The first `prefix` are a chain; what comes behind hangs on its end."""

    ids: list[int]
    parents: list[int]
    prefix: int
    answers: list[Answer] = field(default_factory=list)
    labels: bool = False

    def append(self, ids: list[int], parent: int) -> int:
        """Adds a chain; returns the place of its last token."""
        for id in ids:
            self.ids.append(id)
            self.parents.append(parent)
            parent = len(self.ids) - 1
        return parent


def trie_of(chat: Chat, labels: list[str]) -> Trie:
    return label_trie([chat.encode(label) for label in labels], chat.stop)


def start(chat: Chat, instructions: str, shots: list[dict]) -> Program:
    program = Program([], [], 0)
    program.append(chat.prompt(instructions, shots), -1)
    program.prefix = len(program.ids)
    return program


def training_program(chat: Chat, instructions: str, labels: list[str] | None, shots: list[dict], examples: list[dict]) -> Program:
    """
    What the decoder does, as packages/compiler/src/examples.ts has it. Closed labels: only the branches of the trie on the way to the
    right label. Texts: every token of the answer and the stop token, each example weighs the same.
    """
    program = start(chat, instructions, shots)
    program.labels = labels is not None
    trie = trie_of(chat, labels) if labels else None
    for example in examples:
        root = program.append(chat.input(example["input"]), program.prefix - 1)
        share = 1 / len(examples)
        if trie and labels:
            label = labels.index(example["output"])
            longest: list[int] = []
            answers = []
            for branch in trie.branches:
                for token, below in branch.children.items():
                    if label in below:
                        path = trie.path(branch.node)
                        longest = max(longest, path, key=len)
                        answers.append(Answer(root + len(path), token, share, list(branch.children)))
            program.append(longest, root)
            program.answers += answers
        else:
            answer = [*chat.encode(example["output"]), chat.stop]
            program.append(answer[:-1], root)  # the stop token need not be run: nothing follows it
            program.answers += [Answer(root + i, token, share / len(answer)) for i, token in enumerate(answer)]
    return program
