"""Programs side by side, as the model takes them."""

import numpy as np
import torch

from .model import Packed
from .program import Program


def pack(programs: list[Program], rows: list[list[int]], device: str = "cpu") -> Packed:
    """`rows`: of each program the places whose hidden states are wanted; they come out in this order."""
    # A CPU computes padding as slowly as anything else and small products as fast as large ones: there, each program is a rectangle.
    rectangles = [[program] for program in programs] if device == "cpu" else [programs]
    spec_tokens = sum(program.prefix for program in programs)
    total = sum(len(program.ids) for program in programs)
    size = sum(len(rectangle) * longest(rectangle) for rectangle in rectangles)
    ids, positions, lines = (np.zeros(total, dtype=np.int64) for _ in range(3))
    places, padding = np.zeros(size, dtype=np.int64), np.ones(size, dtype=bool)
    sees: list[np.ndarray] = []
    wanted: list[np.ndarray] = []
    line, spec_at, input_at = 0, 0, spec_tokens
    for rectangle in rectangles:
        width = longest(rectangle)
        masks = np.zeros((len(rectangle), 1, width, width), dtype=bool)
        masks[:] = np.eye(width, dtype=bool)  # padding sees itself, so that no row of the softmax is empty
        for mask, program in zip(masks[:, 0], rectangle):
            count = len(program.ids)
            # All prefixes first, then all inputs: the compiler network's tokens are one slice.
            tokens = np.r_[spec_at : spec_at + program.prefix, input_at : input_at + count - program.prefix]
            ids[tokens] = program.ids
            positions[tokens] = depths(program)
            lines[tokens] = np.arange(line, line + count)
            places[line : line + count], padding[line : line + count] = tokens, False
            for i, parent in enumerate(program.parents):
                if parent >= 0:  # a token sees what its parent sees, and itself
                    mask[i, :i] = mask[parent, :i]
            wanted.append(tokens[rows[len(wanted)]])
            spec_at, input_at, line = spec_at + program.prefix, input_at + count - program.prefix, line + width
        sees.append(np.where(masks, np.float32(0), np.float32(-np.inf)))
    tensor = lambda array: torch.from_numpy(array).to(device, non_blocking=True)
    return Packed(
        tensor(ids), tensor(positions), spec_tokens, tensor(places), tensor(padding), tensor(lines), list(map(tensor, sees)),
        tensor(np.concatenate(wanted)),
    )  # fmt: skip


def longest(programs: list[Program]) -> int:
    return max(len(program.ids) for program in programs)


def depths(program: Program) -> list[int]:
    depth: list[int] = []
    for parent in program.parents:
        depth.append(0 if parent < 0 else depth[parent] + 1)
    return depth
