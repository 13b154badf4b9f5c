"""How a spec, its examples and an input are written, as packages/compiler/src/prompt.ts and packages/runtime/src/answer.ts do it."""

import re
from functools import lru_cache

from .tokenizer import Tokenizer

SYSTEM, USER, ASSISTANT = ("<|im_start|>" + role + "\n" for role in ("system", "user", "assistant"))
END, STOP = "<|im_end|>\n", "<|im_end|>"


class Chat:
    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.encode = lru_cache(2**18)(tokenizer.encode)  # the same texts come epoch after epoch
        self.system, self.user, self.assistant, self.end, self.before_answer = map(
            tokenizer.encode_template, (SYSTEM, USER, ASSISTANT, END, END + ASSISTANT)
        )
        self.stop = tokenizer.control[STOP]

    def prompt(self, instructions: str, shots: list[dict]) -> list[int]:
        """Everything that stands before an input: the prefix of a program is what the model makes of it."""
        turn = lambda opening, text: opening + self.encode(text) + self.end
        ids = turn(self.system, instructions) if instructions else []
        for shot in shots:
            ids += turn(self.user, shot["input"]) + turn(self.assistant, shot["output"])
        return ids + self.user

    def input(self, text: str) -> list[int]:
        """What follows the prefix: the text, cut into tokens on its own, and the opening of the answer."""
        return self.encode(text) + self.before_answer


def wordings(instructions: str, labels: list[str] | None) -> list[str]:
    """Ways in which the compiler may state a task."""
    form = f"Answer with one of: {', '.join(labels)}." if labels else "Answer with the text only."
    sentence = re.split(r"(?<=[.!?])\s|\n\s*\n", instructions, maxsplit=1)[0]
    return list(dict.fromkeys([instructions, f"{instructions}\n{form}", f"{sentence} {form}"]))
