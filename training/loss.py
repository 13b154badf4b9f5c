"""The decoder's own loss."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .model import Model, Packed
from .pack import pack
from .program import Answer, Program


@dataclass
class Part:
    """Programs that go through the model together, and what is asked of them."""

    programs: list[Program]
    batch: Packed
    open: "Open | None"
    closed: "Closed | None"
    weights: Tensor  # [answers]: first those of texts, then those of labels
    owners: Tensor  # [answers]: which program

    @staticmethod
    def of(programs: list[Program], device: str) -> "Part":
        answers = [(i, place, answer) for i, program in enumerate(programs) for place, answer in enumerate(program.answers)]
        texts = [one for one in answers if one[2].choices is None]
        labels = [one for one in answers if one[2].choices is not None]
        batch = pack(programs, [[answer.place for answer in program.answers] for program in programs], device)
        # Rows of hidden states come program by program.
        row = {(i, place): n for n, (i, place, _) in enumerate(answers)}
        rows = lambda ones: torch.tensor([row[i, place] for i, place, _ in ones], device=device)
        return Part(
            programs,
            batch,
            Open(rows(texts), torch.tensor([answer.token for *_, answer in texts], device=device)) if texts else None,
            Closed.of(rows(labels), [answer for *_, answer in labels], device) if labels else None,
            torch.tensor([answer.weight for *_, answer in texts + labels], device=device),
            torch.tensor([i for i, *_ in texts + labels], device=device),
        )


@dataclass
class Open:
    """Tokens of texts, out of the whole vocabulary."""

    rows: Tensor
    targets: Tensor

    def losses(self, hidden: Tensor, table: Tensor) -> Tensor:
        return F.cross_entropy((hidden[self.rows] @ table.T).float(), self.targets, reduction="none")


@dataclass
class Closed:
    """Places where labels part: only the rows of the vocabulary's table that may follow there."""

    rows: Tensor
    columns: Tensor  # [rows, most]
    there: Tensor  # bool [rows, most]
    targets: Tensor  # [rows], a place in columns

    @staticmethod
    def of(rows: Tensor, answers: list[Answer], device: str) -> "Closed":
        most = max(len(answer.choices) for answer in answers)
        return Closed(
            rows,
            torch.tensor([answer.choices + [0] * (most - len(answer.choices)) for answer in answers], device=device),
            torch.tensor([[j < len(answer.choices) for j in range(most)] for answer in answers], device=device),
            torch.tensor([answer.choices.index(answer.token) for answer in answers], device=device),
        )

    def losses(self, hidden: Tensor, table: Tensor) -> Tensor:
        logits = (table[self.columns] @ hidden[self.rows][:, :, None]).squeeze(-1).float()
        return F.cross_entropy(logits.masked_fill(~self.there, -torch.inf), self.targets, reduction="none")


def losses(model: Model, part: Part) -> Tensor:
    """The loss of each program: the mean over its inputs. `[programs]`"""
    hidden = model(part.batch)
    found = torch.cat([asked.losses(hidden, model.embedding) for asked in (part.open, part.closed) if asked])
    return found.new_zeros(len(part.programs)).index_add(0, part.owners, found * part.weights)
