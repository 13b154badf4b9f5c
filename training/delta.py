"""
`python -m training.delta CHECKPOINT... FOLDER`: writes what training made, or the mean of what several runs made, as two safetensors files.

`interpreter.safetensors`, of every Q4_1 tensor X of the GGUF, in its own order of rows:
    X.scales, X.offsets          int8 [rows, blocks]
    X.scales.steps, X.offsets.steps  float16 [rows, 1]: s = scales * steps, o = offsets * steps, both in units of the block's own scale
        scale'   = scale * (1 + s)
        minimum' = minimum + scale * (o - 7.5 * s)
and of every norm X
    X.gains                      float16 [width]: gain' = gain * (1 + gains)

`compiler.safetensors`, of every stacked linear map X (qkv, attention_output, gate_up, down), as the training graph of
packages/trainer takes them (query and key rows in the run graph's order, not the GGUF's):
    X.down                       int8 [layers, rank, inputs], X.down.steps float16 [layers, rank, 1]
    X.up                         int8 [layers, outputs, rank], X.up.steps float16 [layers, outputs, 1]
        y = x (W + up down)^T, on the tokens of a spec only

The metadata of both say which GGUF they belong to and how far training was; the interpreter's also which `share` of the
way from the GGUF's numbers to the trained ones it goes. A part of it is better at everything that is measured than all of
it, most of all where a prefix is trained on top (docs/benchmarks.md): the mean of two models that share a start, as in
https://arxiv.org/abs/2109.01903.
"""

import argparse
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from .blocks import OFFSET_UNIT
from .gguf import SHA256
from .model import Config

INTERPRETER, COMPILER = "interpreter.safetensors", "compiler.safetensors"
# The parts of the model's linear maps, by the GGUF's names.
MAPS = {
    "qkv": ["attn_q", "attn_k", "attn_v"],
    "attention_output": ["attn_output"],
    "gate_up": ["ffn_gate", "ffn_up"],
    "down": ["ffn_down"],
}


def rows(config: Config) -> dict[str, list[int]]:
    """How many rows each part has."""
    kv = config.kv_heads * config.head_size
    return {
        "qkv": [config.heads * config.head_size, kv, kv],
        "attention_output": [config.width],
        "gate_up": [config.feed_forward] * 2,
        "down": [config.width],
    }


def halves(config: Config) -> Tensor:
    """Rows of qkv in the run graph's order: what rotary embedding turns together is half a head apart there, here neighbours."""
    head = torch.arange(config.head_size).view(-1, 2).T.flatten()
    turned = (config.heads + config.kv_heads) * config.head_size
    order = (torch.arange(0, turned, config.head_size)[:, None] + head).flatten()
    return torch.cat([order, torch.arange(turned, turned + config.kv_heads * config.head_size)])


def rounded(values: Tensor) -> tuple[Tensor, Tensor]:
    """int8 and the float16 step of each row."""
    steps = (values.abs().amax(-1, keepdim=True) / 127).clamp(min=2**-24).half()
    return (values / steps.float()).round().clamp(-127, 127).to(torch.int8), steps


def put(tensors: dict[str, Tensor], name: str, values: Tensor) -> None:
    tensors[name], tensors[f"{name}.steps"] = rounded(values)


def get(tensors: dict[str, Tensor], name: str) -> Tensor:
    return tensors[name].float() * tensors[f"{name}.steps"].float()


def write(folder: Path, values: dict[str, Tensor], config: Config, about: dict[str, str], share: float = 1) -> None:
    """`values`: the model's parameters by name. `share` of the interpreter's is written."""
    interpreter: dict[str, Tensor] = {}
    compiler: dict[str, Tensor] = {}
    interpreter["output_norm.gains"] = (values["output_norm.g"] * share).half()
    for layer in range(config.layers):
        for name in ("attn_norm", "ffn_norm"):
            interpreter[f"blk.{layer}.{name}.gains"] = (values[f"layers.{layer}.{name}.g"] * share).half()
        for map, parts in MAPS.items():
            of = lambda name: values[f"layers.{layer}.{map}.{name}"].split(rows(config)[map])
            for part, s, o in zip(parts, of("s"), of("o")):
                put(interpreter, f"blk.{layer}.{part}.scales", s * share)
                put(interpreter, f"blk.{layer}.{part}.offsets", o * OFFSET_UNIT * share)
    if "layers.0.qkv.compiler_down" in values:
        for map in MAPS:
            down, up = (torch.stack([values[f"layers.{i}.{map}.compiler_{name}"] for i in range(config.layers)]) for name in ("down", "up"))
            put(compiler, f"{map}.down", down)
            put(compiler, f"{map}.up", up[:, halves(config)] if map == "qkv" else up)
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"gguf": SHA256, **about}
    for name, tensors, more in ((INTERPRETER, interpreter, {"share": str(share)}), (COMPILER, compiler, {})):
        if tensors:
            save_file({key: value.contiguous() for key, value in tensors.items()}, folder / name, metadata | more)


def about(file: Path) -> dict[str, str]:
    """What the metadata say."""
    with safe_open(file, "pt") as file:
        return file.metadata()


def written(file: Path, config: Config) -> dict[str, Tensor]:
    """The parameters of an interpreter's file as it has them: its share of what was trained."""
    metadata = about(file)
    if metadata["gguf"] != SHA256:
        raise ValueError(f"{file} belongs to another GGUF ({metadata['gguf']})")
    interpreter = load_file(file)
    found = {"output_norm.g": interpreter["output_norm.gains"].float()}
    for layer in range(config.layers):
        for name in ("attn_norm", "ffn_norm"):
            found[f"layers.{layer}.{name}.g"] = interpreter[f"blk.{layer}.{name}.gains"].float()
        for map, parts in MAPS.items():
            all = lambda kind: torch.cat([get(interpreter, f"blk.{layer}.{part}.{kind}") for part in parts])
            found[f"layers.{layer}.{map}.s"] = all("scales")
            found[f"layers.{layer}.{map}.o"] = all("offsets") / OFFSET_UNIT
    return found


def parameters(folder: Path, config: Config) -> dict[str, Tensor]:
    """The parameters that a delta holds, by the model's names: all that was trained, whatever the share that is written."""
    share = float(about(folder / INTERPRETER).get("share", "1"))
    found = {name: value / share for name, value in written(folder / INTERPRETER, config).items()}
    if not (folder / COMPILER).exists():
        return found
    compiler = load_file(folder / COMPILER)
    for layer in range(config.layers):
        for map in MAPS:
            up = get(compiler, f"{map}.up")[layer]
            found[f"layers.{layer}.{map}.compiler_down"] = get(compiler, f"{map}.down")[layer]
            found[f"layers.{layer}.{map}.compiler_up"] = up[halves(config).argsort()] if map == "qkv" else up
    return found


def trained(path: Path, config: Config) -> tuple[dict[str, Tensor], dict[str, str]]:
    """A checkpoint's averaged parameters, what the delta in a folder holds, or an interpreter's file as it is; and how far training was."""
    if path.is_dir():
        return parameters(path, config), about(path / INTERPRETER)
    if path.suffix == ".safetensors":
        return written(path, config), about(path)
    state = torch.load(path, map_location="cpu", weights_only=False)
    return state["average"], {"steps": str(state["step"]), "tokens": str(state["tokens"])}


def read(path: Path, model, share: float = 1) -> dict[str, str]:
    """
    Puts what is in `path` (see `trained`) into a model, `share` of the interpreter's; says how far training was.
    Without a compiler network in it, the model's stays as it begins.
    """
    values, about = trained(path, model.config)
    part = {name: value if ".compiler_" in name else value * share for name, value in values.items()}
    model.load_state_dict({**model.state_dict(), **part})
    model.refresh()
    return about


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.delta", description=__doc__.split("\n")[1])
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="checkpoint", help="or the folder of a delta; of several, their mean")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the way from the GGUF's numbers to the trained ones")
    arguments = parser.parse_args()
    from . import settings
    from .gguf import Gguf

    config = Config.of(Gguf(settings.GGUF).metadata)
    runs = [trained(path, config) for path in arguments.checkpoints]
    _, about = max(runs, key=lambda run: int(run[1]["tokens"]))
    # (Only some may have a compiler network.)
    names = set.intersection(*(set(values) for values, _ in runs))
    mean = {name: sum(values[name] for values, _ in runs) / len(runs) for name in names}
    write(arguments.folder, mean, config, {key: about[key] for key in ("steps", "tokens")}, arguments.share)
    for file in sorted(arguments.folder.glob("*.safetensors")):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
