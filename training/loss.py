"""The decoder's own loss."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .model import Model
from .pack import pack
from .program import Program


def answer_scores(model: Model, programs: list[Program]) -> tuple[Tensor, Tensor]:
    """
    Of every answer token, program by program: its log-probability among what may stand there, and whether it is the most probable.
    """
    device = str(model.embedding.device)
    hidden = model(pack(programs, [[answer.place for answer in program.answers] for program in programs], device))
    answers = [answer for program in programs for answer in program.answers]
    scores = hidden.new_zeros(len(answers), dtype=torch.float32)
    best = torch.zeros(len(answers), dtype=torch.bool, device=device)

    # Closed labels: only the rows of the vocabulary's table that part there.
    closed = [i for i, answer in enumerate(answers) if answer.choices is not None]
    if closed:
        most = max(len(answers[i].choices) for i in closed)
        columns = torch.tensor([answers[i].choices + [0] * (most - len(answers[i].choices)) for i in closed], device=device)
        there = torch.tensor([[j < len(answers[i].choices) for j in range(most)] for i in closed], device=device)
        target = torch.tensor([answers[i].choices.index(answers[i].token) for i in closed], device=device)
        logits = (model.embedding[columns] @ hidden[closed][:, :, None]).squeeze(-1).float()
        logits = logits.masked_fill(~there, -torch.inf)
        scores = scores.index_put((torch.tensor(closed, device=device),), -F.cross_entropy(logits, target, reduction="none"))
        best[closed] = logits.argmax(-1) == target

    open = [i for i, answer in enumerate(answers) if answer.choices is None]
    if open:
        target = torch.tensor([answers[i].token for i in open], device=device)
        logits = (hidden[open] @ model.embedding.T).float()
        scores = scores.index_put((torch.tensor(open, device=device),), -F.cross_entropy(logits, target, reduction="none"))
        best[open] = logits.argmax(-1) == target
    return scores, best


def losses(model: Model, programs: list[Program]) -> Tensor:
    """The loss of each program: the mean over its inputs. `[programs]`"""
    scores, _ = answer_scores(model, programs)
    weights = torch.tensor([answer.weight for program in programs for answer in program.answers], device=scores.device)
    owner = torch.tensor([i for i, program in enumerate(programs) for _ in program.answers], device=scores.device)
    return scores.new_zeros(len(programs)).index_add(0, owner, -scores * weights)
