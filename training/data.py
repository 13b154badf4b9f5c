"""Specs to learn from: files of one spec a line, split into seen and held out, drawn in an order that can be resumed."""

import gzip
import hashlib
import json
import random
from collections import Counter
from pathlib import Path


def read_part(path: Path) -> list[dict]:
    """`{"spec", "examples": [{"input", "output"}], "labels"?, "field"?}` a line."""
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
    with opened as lines:
        specs = [json.loads(line) for line in lines]
    part = path.name.split(".")[0]
    for spec in specs:
        spec.setdefault("field", part)
        if "labels" not in spec:
            spec["labels"] = closed_labels([example["output"] for example in spec["examples"]])
    return specs


def closed_labels(outputs: list[str]) -> list[str] | None:
    """Older parts do not say which answers are a closed set: few short ones that come again and again are."""
    counts = Counter(outputs)
    if len(counts) < 2 or len(counts) > min(12, len(outputs) / 4) or min(counts.values()) < 2:
        return None
    return sorted(counts) if all(0 < len(label) <= 40 for label in counts) else None


def held_out(spec: dict, fields: list[str], share: float) -> bool:
    """Whole fields, and of the others a share of the specs; which, depends on a spec's text alone."""
    digest = hashlib.sha256(spec["spec"].encode()).digest()
    return spec["field"] in fields or int.from_bytes(digest[:4], "big") < share * 2**32


def load(folder: Path, parts: dict[str, float], fields: list[str], share: float) -> tuple[dict[str, list[dict]], list[dict]]:
    """Specs to train on, by part, and those that are never trained on."""
    seen, unseen = {}, []
    for part in parts:
        path = next((p for p in (folder / f"{part}.jsonl.gz", folder / f"{part}.jsonl") if p.exists()), None)
        if not path:
            raise FileNotFoundError(f"there is no {part}.jsonl.gz and no {part}.jsonl in {folder}")
        specs = read_part(path)
        seen[part] = [spec for spec in specs if not held_out(spec, fields, share)]
        unseen += [spec for spec in specs if held_out(spec, fields, share)]
    return seen, unseen


class Visits:
    """Endless visits to specs: parts by their weights, each part epoch after epoch in a new order. Its state fits in a checkpoint."""

    def __init__(self, sizes: dict[str, int], weights: dict[str, float], seed: int):
        self.sizes, self.weights = sizes, weights
        self.random = random.Random(seed)
        self.queues: dict[str, list[int]] = {part: [] for part in sizes}

    def next(self) -> tuple[str, int]:
        (part,) = self.random.choices(list(self.sizes), [self.weights[part] for part in self.sizes])
        if not self.queues[part]:
            self.queues[part] = self.random.sample(range(self.sizes[part]), self.sizes[part])
        return part, self.queues[part].pop()

    def state(self) -> dict:
        return {"random": self.random.getstate(), "queues": {part: list(queue) for part, queue in self.queues.items()}}

    def restore(self, state: dict) -> None:
        self.random.setstate(state["random"])
        self.queues = {part: list(queue) for part, queue in state["queues"].items()}
