"""The training loop."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from . import checkpoint, delta
from .batches import Batches
from .chat import Chat
from .data import Visits, load
from .gguf import Gguf
from .log import Log
from .loss import Part, losses
from .model import Model
from .program import Program
from .settings import GGUF
from .tokenizer import Tokenizer

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def rate(step: int, optimiser: dict) -> float:
    """Share of the full rate: a linear warm-up; constant; where `steps` are known, a linear way down over the last `decay` of them."""
    warm = min(1.0, (step + 1) / optimiser["warmup"])
    left = (optimiser["steps"] - step) / max(1, optimiser["decay"] * optimiser["steps"])
    return min(warm, max(0.0, left))


def groups(model: Model, optimiser: dict) -> list[dict]:
    """Parameters and their rates: scales, offsets and gains in units of themselves; the compiler network's in its own."""
    compiler = [p for name, p in model.named_parameters() if ".compiler_" in name]
    blocks = [p for name, p in model.named_parameters() if ".compiler_" not in name]
    rates = [(blocks, optimiser["blocks_rate"]), (compiler, optimiser["compiler_rate"])]
    return [{"params": params, "lr": lr, "full": lr} for params, lr in rates if params]


class Average:
    """A moving average of the parameters: what is evaluated and shipped, as a constant rate leaves noise in the last ones."""

    def __init__(self, model: Model, steps: float):
        self.steps = steps
        self.values = {name: p.detach().clone() for name, p in model.named_parameters()}

    def update(self, model: Model, step: int) -> None:
        share = 1 / min(self.steps, 1 + step / 4)  # at first, of the last quarter
        for name, p in model.named_parameters():
            self.values[name].lerp_(p.detach(), share)


class Ahead:
    """Prepares the next step's batch while the current one is computed, so that a GPU never waits for text to be cut into tokens."""

    def __init__(self, batches: Batches, most: int, device: str):
        self.batches, self.most, self.device = batches, most, device
        self.thread = ThreadPoolExecutor(1)
        self.coming = self.thread.submit(self.prepare)

    def prepare(self) -> tuple[list[Part], dict]:
        """At most `most` tokens go through the model at once, programs of like length together. With it the order's state behind it."""
        parts: list[list[Program]] = [[]]
        for program in sorted(self.batches.next(), key=lambda program: len(program.ids)):
            if parts[-1] and sum(len(one.ids) for one in parts[-1]) + len(program.ids) > self.most:
                parts.append([])
            parts[-1].append(program)
        return [Part.of(part, self.device) for part in parts], self.batches.visits.state()

    def next(self) -> tuple[list[Part], dict]:
        found = self.coming.result()
        self.coming = self.thread.submit(self.prepare)
        return found


def model_of(config: dict, gguf: Gguf, device: str) -> Model:
    """As the GGUF has it; where the config says what `runs`, that stays and what reads specs for it is trained."""
    model = Model(gguf, config["rank"], DTYPES[config["dtype"]]).to(device)
    if config["runs"]:
        delta.read(config["runs"], model)
        model.fix()
    return model


def step_losses(model: Model, parts: list[Part]) -> torch.Tensor:
    """Loss of each program; gradients of their mean are left in the parameters."""
    count = sum(len(part.programs) for part in parts)
    found = []
    for part in parts:
        loss = losses(model, part)
        (loss.sum() / count).backward()
        found.append(loss.detach())
    return torch.cat(found).cpu()


def train(config: dict, until: int | None = None) -> Path:
    """Trains, or goes on from the newest checkpoint of the run's folder. `until`: stop at this step, as if killed."""
    run: Path = config["run"]
    run.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if config.get("threads"):
        torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    data, optimiser = config["data"], config["optimiser"]
    gguf = Gguf(GGUF)
    chat = Chat(Tokenizer(gguf.metadata))
    specs, _ = load(data["folder"], data["parts"], data["held_out_fields"], data["held_out_share"])
    model = model_of(config, gguf, device)
    tokens = given = 0
    if config["start"]:
        tokens = given = int(delta.read(config["start"], model)["tokens"])
    # What begins from a delta sees the data in another order than what made the delta.
    visits = Visits({part: len(all) for part, all in specs.items()}, data["parts"], config["seed"] + tokens)
    batches = Batches(chat, specs, visits, data)
    average = Average(model, optimiser["average"])
    adam = torch.optim.Adam(groups(model, optimiser), betas=(0.9, optimiser["beta2"]), eps=1e-12)
    first, tokens, seconds = checkpoint.restore(run, model, average, adam, visits) or (0, tokens, 0.0)
    model.refresh()

    log = Log(run / "log.jsonl", first)
    ahead = Ahead(batches, config["micro_tokens"], device)
    began, saved = time.monotonic() - seconds, time.monotonic()
    stop = min(until or math.inf, optimiser["steps"])
    for step in range(first, stop):
        for group in adam.param_groups:
            group["lr"] = group["full"] * rate(step, optimiser)
        parts, state = ahead.next()
        programs = [program for part in parts for program in part.programs]
        loss = step_losses(model, parts)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), optimiser["clip"])
        adam.step()
        adam.zero_grad()
        model.refresh()
        average.update(model, step)
        tokens += sum(len(program.ids) for program in programs)
        seconds = time.monotonic() - began
        log.write(step, loss, programs, float(norm), tokens, seconds, (tokens - given) / seconds)
        if time.monotonic() - saved > 60 * config["checkpoint_minutes"] or step == stop - 1:
            checkpoint.save(run, step + 1, tokens, seconds, model, average, adam, state)
            saved = time.monotonic()
    return run
