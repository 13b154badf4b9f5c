"""Varies what a spec says and keeps what it means, so that the wording is read and not learnt by heart."""

import re
from random import Random

from .chat import wordings

NAMES = [list("ABCDEFGHIJKL"), [str(i + 1) for i in range(12)], [f"class {i + 1}" for i in range(12)], list("abcdefghijkl")]
ASK = ["Answer {}.", "Write {}.", "Use these codes as answers: {}.", "Reply with the code only: {}."]


def vary(spec: dict, random: Random) -> tuple[str, list[str] | None, list[dict]]:
    """Instructions, labels and examples of one visit."""
    instructions, labels, examples = spec["spec"], spec["labels"], spec["examples"]
    if labels:
        labels = random.sample(labels, len(labels))
        instructions = shuffle_list(instructions, labels, random)
        if random.random() < 0.08 and len(labels) <= 12:
            return rename(instructions, labels, examples, random)
    chance = random.random()
    if chance < 0.3:
        instructions = wordings(instructions, labels)[1]
    elif chance < 0.36 and labels:
        instructions = wordings(instructions, labels)[-1]
    return instructions, labels, examples


def shuffle_list(text: str, labels: list[str], random: Random) -> str:
    """Where the text lists all labels in a row ("a, b or c"; `"a" | "b"`), the list in another order."""
    if len(labels) > 12:
        return text
    one = "(?:" + "|".join(sorted(map(re.escape, labels), key=len, reverse=True)) + ")"
    quote = "[\"'`“”‘’]?"
    item = rf"{quote}(?<!\w){one}(?!\w){quote}"
    between = r"(?:,? (?:or|and) |, | / |/| \| |\|)"
    found = next((m for m in re.finditer(rf"{item}(?:{between}{item})+", text) if len(re.findall(item, m[0])) == len(labels)), None)
    if not found or random.random() < 0.3:
        return text
    items = iter(random.sample(re.findall(item, found[0]), len(labels)))
    return text[: found.start()] + re.sub(item, lambda _: next(items), found[0]) + text[found.end() :]


def rename(text: str, labels: list[str], examples: list[dict], random: Random) -> tuple[str, list[str], list[dict]]:
    """Codes instead of labels, and a sentence that says which is which."""
    names = random.choice(NAMES)[: len(labels)]
    if random.random() < 0.5:
        random.shuffle(names)
    of = dict(zip(labels, names))
    key = ", ".join(f"{name} for {label}" for label, name in of.items())
    renamed = [{"input": example["input"], "output": of[example["output"]]} for example in examples]
    return f"{text}\n{random.choice(ASK).format(key)}", names, renamed
