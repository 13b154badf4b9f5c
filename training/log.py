"""The log: one line of JSON a step, and one for people."""

import json
from pathlib import Path

from torch import Tensor

from .program import Program


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in open(path)] if path.exists() else []


class Log:
    def __init__(self, path: Path, first: int):
        # What a killed run did after its last checkpoint is done again.
        kept = [line for line in read(path) if line["step"] < first]
        self.file = open(path, "w")
        for line in kept:
            self.file.write(json.dumps(line) + "\n")

    def write(self, step: int, loss: Tensor, programs: list[Program], norm: float, tokens: int, seconds: float, speed: float) -> None:
        mean = lambda labels: (lambda all: sum(all) / len(all) if all else None)(
            [one for one, program in zip(loss.tolist(), programs) if program.labels == labels]
        )
        line = {
            "step": step,
            "loss": float(loss.mean()),
            "labels": mean(True),
            "texts": mean(False),
            "norm": norm,
            "programs": len(programs),
            "tokens": tokens,
            "seconds": round(seconds, 1),
        }
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        shown = lambda value: "     -" if value is None else f"{value:6.3f}"
        print(
            f"step {step:6}  loss {shown(line['loss'])}  labels {shown(line['labels'])}  texts {shown(line['texts'])}"
            f"  norm {norm:7.3f}  {tokens / 1000:9.1f}k tokens  {speed:6.0f}/s",
            flush=True,
        )
