"""Batches: programs of several specs, about `tokens` together."""

from random import Random

from .augment import vary
from .chat import Chat
from .data import Visits
from .program import Program, training_program



def visit(chat: Chat, spec: dict, shown: dict[int, float], asked: int, longest: int, random: Random) -> Program | None:
    """One spec as a program: some examples shown, others asked: fewer of both where that is over `longest` tokens. None: even one is."""
    instructions, labels, examples = vary(spec, random)
    examples = random.sample(examples, len(examples))
    (shots,) = random.choices(list(shown), list(shown.values()))
    shots = min(shots, max(0, len(examples) - 2))
    while True:
        behind = balanced(examples[shots:], asked) if labels else examples[shots : shots + asked]
        program = training_program(chat, instructions, labels, examples[:shots], behind)
        if len(program.ids) <= longest:
            return program
        if asked > 1:
            asked //= 2
        elif shots:
            shots //= 2
        else:
            return None


def balanced(examples: list[dict], count: int) -> list[dict]:
    """The first of each label, then the second: rare labels are asked as often as others."""
    seen: dict[str, int] = {}
    order = []
    for example in examples:
        seen[example["output"]] = seen.get(example["output"], -1) + 1
        order.append(seen[example["output"]])
    return [example for _, example in sorted(zip(order, examples), key=lambda pair: pair[0])[:count]]


class Batches:
    def __init__(self, chat: Chat, specs: dict[str, list[dict]], visits: Visits, config: dict):
        self.chat, self.specs, self.visits, self.config = chat, specs, visits, config
        self.shown = {int(count): share for count, share in config["shown"].items()}

    def next(self) -> list[Program]:
        programs: list[Program] = []
        tokens = 0
        while tokens < self.config["tokens"]:
            part, number = self.visits.next()
            program = visit(self.chat, self.specs[part][number], self.shown, self.config["asked"], self.config["longest"], self.visits.random)
            if program:
                programs.append(program)
                tokens += len(program.ids)
        return programs
