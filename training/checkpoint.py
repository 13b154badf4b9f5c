"""Checkpoints: all that a killed run needs to go on as if nothing had happened."""

import os
from pathlib import Path

import torch

KEPT = 2


def newest(run: Path) -> Path | None:
    """The newest checkpoint of a run's folder."""
    return max(run.glob("step-*.pt"), default=None)


def save(run: Path, step: int, tokens: int, seconds: float, model, average, adam, visits: dict) -> None:
    state = {
        "step": step,
        "tokens": tokens,
        "seconds": seconds,
        "parameters": model.state_dict(),
        "average": average.values,
        "adam": adam.state_dict(),
        "visits": visits,
    }
    path = run / f"step-{step:07}.pt"
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)  # whole or not at all
    for old in sorted(run.glob("step-*.pt"))[:-KEPT]:
        old.unlink()


def restore(run: Path, model, average, adam, visits) -> tuple[int, int, float] | None:
    """Puts everything as it was; gives steps, tokens and seconds that are done. None: there is no checkpoint yet."""
    path = newest(run)
    if not path:
        return None
    state = torch.load(path, map_location=model.embedding.device, weights_only=False)
    model.load_state_dict(state["parameters"])
    average.values = state["average"]
    adam.load_state_dict(state["adam"])
    visits.restore(state["visits"])
    return state["step"], state["tokens"], state["seconds"]
