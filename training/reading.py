"""
`python -m training.reading INTERPRETER READER FILE`: what the compiler reads a spec with, as a change of the interpreter that runs.

Both are files of `delta.py`, changes of the GGUF's numbers. A spec's tokens are read with the READER's, a call's run with the INTERPRETER's:
what is best for the one is not for the other (training/README.md). FILE has the way from the one to the other, by the names and in the
order of rows of the run graph's data file, of every linear map X of a layer (`0.qkv`)
    X.scales, X.offsets          int8 [rows, blocks], with a float16 step a row as in `delta.py`, in units of the interpreter's scale
        scale'   = scale * (1 + s)
        minimum' = minimum + scale * (o - 7.5 * s)
and of every norm X
    X.gains                      float16 [width]: gain' = gain * (1 + gains)
The metadata say which interpreter's delta it belongs to.
"""

import argparse
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from . import settings
from .blocks import MIDDLE
from .delta import MAPS, get, halves, put
from .gguf import SHA256, Gguf
from .model import Config


def written(path: Path, config: Config) -> dict[str, Tensor]:
    """Scales, offsets and gains as a delta's file has them, by the run graph's names and rows."""
    with safe_open(path, "pt") as file:
        if file.metadata()["gguf"] != SHA256:
            raise ValueError(f"{path} belongs to another GGUF ({file.metadata()['gguf']})")
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    found = {"output_norm.gains": tensors["output_norm.gains"].float()}
    for layer in range(config.layers):
        for norm, name in (("attn_norm", "attention_norm"), ("ffn_norm", "feed_forward_norm")):
            found[f"{layer}.{name}.gains"] = tensors[f"blk.{layer}.{norm}.gains"].float()
        for map, parts in MAPS.items():
            for kind in ("scales", "offsets"):
                rows = torch.cat([get(tensors, f"blk.{layer}.{part}.{kind}") for part in parts])
                found[f"{layer}.{map}.{kind}"] = rows[halves(config)] if map == "qkv" else rows
    return found


def way(here: dict[str, Tensor], there: dict[str, Tensor]) -> dict[str, Tensor]:
    """The change that, made to numbers with the one delta, gives those with the other."""
    tensors: dict[str, Tensor] = {}
    for name in here:
        base, kind = name.rsplit(".", 1)
        if kind == "gains":
            tensors[name] = ((1 + there[name]) / (1 + here[name]) - 1).half()
        if kind == "scales":
            old, new = here[name], there[name]
            moved = there[f"{base}.offsets"] - here[f"{base}.offsets"] - MIDDLE * (new - old)
            scales = (1 + new) / (1 + old) - 1
            put(tensors, name, scales)
            put(tensors, f"{base}.offsets", moved / (1 + old) + MIDDLE * scales)
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reading", description=__doc__.split("\n")[1])
    parser.add_argument("interpreter", type=Path, help="the delta that runs: packages/interpreter/delta/paw-135m.safetensors")
    parser.add_argument("reader", type=Path, help="the delta that reads, with its share of the way written")
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    config = Config.of(Gguf(settings.GGUF).metadata)
    tensors = way(written(arguments.interpreter, config), written(arguments.reader, config))
    about = {"interpreter": sha256(arguments.interpreter.read_bytes()).hexdigest(), "gguf": SHA256}
    save_file({key: value.contiguous() for key, value in tensors.items()}, arguments.file, about)
    print(f"{arguments.file}: {arguments.file.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(arguments.file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
