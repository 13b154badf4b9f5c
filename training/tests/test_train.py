"""A short run on the repository's own small data."""

from pathlib import Path

import pytest
import torch

from training import checkpoint, delta, log, settings
from training.chat import Chat
from training.data import read_part
from training.loss import Part, losses
from training.model import Config, Model
from training.program import training_program
from training.train import train

ROOT = Path(__file__).parents[2]
SPECS = read_part(ROOT / "fixtures/training/specs.jsonl")


def config(run: Path, steps: int) -> dict:
    config = settings.read(ROOT / "training/configs/example.toml")
    config["run"] = run
    config["data"]["tokens"] = 400
    config["optimiser"] |= {"steps": steps, "warmup": 4, "average": 5}
    return config


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(config(tmp_path_factory.mktemp("whole"), 25))


def curve(run: Path) -> list[float]:
    return [line["loss"] for line in log.read(run / "log.jsonl")]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(run: Path, tmp_path: Path) -> None:
    train(config(tmp_path, 25), until=3)
    # Killed in the middle of a step that no checkpoint knows of.
    with open(tmp_path / "log.jsonl", "a") as file:
        file.write('{"step": 3, "loss": 99}\n')
    train(config(tmp_path, 25), until=6)
    assert curve(tmp_path) == pytest.approx(curve(run)[:6], rel=1e-3)


def loss_of(model: Model, chat: Chat) -> float:
    programs = [training_program(chat, s["spec"], s["labels"], s["examples"][:1], s["examples"][1:4]) for s in SPECS[::3]]
    with torch.no_grad():
        return float(losses(model, Part.of(programs, "cpu")).mean())


def test_the_loss_falls_and_the_delta_holds_it(run: Path, model_16: Model, chat: Chat, tmp_path: Path) -> None:
    before = loss_of(model_16, chat)
    newest = checkpoint.newest(run)
    delta.read(newest, model_16)
    after = loss_of(model_16, chat)
    assert after < 0.9 * before

    values = {name: value.clone() for name, value in model_16.state_dict().items()}
    delta.write(tmp_path, values, model_16.config, {"steps": "25", "tokens": "2000"}, share=0.5)
    delta.read(tmp_path, model_16)
    assert loss_of(model_16, chat) == pytest.approx(after, abs=0.01)
    for name, value in model_16.state_dict().items():
        torch.testing.assert_close(value, values[name], rtol=0, atol=float(values[name].abs().max()) / 200 + 1e-6)
    delta.read(newest, model_16, share=0.3)
    assert after < loss_of(model_16, chat) < before


def test_a_run_begins_from_a_delta(run: Path, gguf, tmp_path: Path) -> None:
    values = torch.load(checkpoint.newest(run), weights_only=False)["average"]
    delta.write(tmp_path / "delta", values, Config.of(gguf.metadata), {"steps": "25", "tokens": "2000"})
    train(config(tmp_path / "run", 25) | {"start": tmp_path / "delta"}, until=1)
    (line,) = log.read(tmp_path / "run/log.jsonl")
    assert 2400 < line["tokens"] < 2800


def test_only_what_reads_specs_is_trained(run: Path, gguf, chat: Chat, tmp_path: Path) -> None:
    trained = torch.load(checkpoint.newest(run), weights_only=False)["average"]
    values = {name: value for name, value in trained.items() if ".compiler_" not in name}
    delta.write(tmp_path / "runs", values, Config.of(gguf.metadata), {"steps": "25", "tokens": "2000"}, share=0.5)
    runs = tmp_path / "runs" / delta.INTERPRETER

    reader = train(config(tmp_path / "reader", 25) | {"rank": 0, "start": runs, "runs": runs})
    model = Model(gguf, rank=0)
    delta.read(runs, model)
    before, model_alone = loss_of(model, chat), model.layers[3].down.weight.clone()
    model.fix()
    assert loss_of(model, chat) == pytest.approx(before, abs=1e-4)
    delta.read(checkpoint.newest(reader), model)
    assert loss_of(model, chat) < 0.9 * before
    torch.testing.assert_close(model.layers[3].down.running, model_alone, rtol=0, atol=0)
    # Without a spec's tokens it is what runs.
    programs = [training_program(chat, s["spec"], s["labels"], [], s["examples"][1:4]) for s in SPECS[::3]]
    part = Part.of(programs, "cpu")
    part.batch.spec_tokens = 0
    plain = Model(gguf, rank=0)
    delta.read(runs, plain)
    with torch.no_grad():
        torch.testing.assert_close(losses(model, part), losses(plain, Part.of(programs, "cpu")), rtol=1e-4, atol=1e-4)


def test_the_mean_of_runs_is_a_delta(
    run: Path, gguf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = checkpoint.newest(run)
    trained = torch.load(newest, weights_only=False)["average"]
    config = Config.of(gguf.metadata)
    interpreter = {name: value for name, value in trained.items() if ".compiler_" not in name}
    nothing = {name: torch.zeros_like(value) for name, value in interpreter.items()}
    delta.write(tmp_path / "nothing", nothing, config, {"steps": "0", "tokens": "0"})
    monkeypatch.setattr("sys.argv", ["delta", str(newest), str(tmp_path / "nothing"), str(tmp_path / "mean"), "--share", "0.7"])
    delta.main()

    assert delta.about(tmp_path / "mean" / delta.INTERPRETER)["steps"] == "25"
    # A run with a compiler network goes on from a delta that has none, too: its own stays as it begins.
    model = Model(gguf, rank=16)
    began = {name: value.clone() for name, value in model.state_dict().items()}
    delta.read(tmp_path / "mean", model)
    for name, value in model.state_dict().items():
        expected = interpreter[name] / 2 if name in interpreter else began[name]
        torch.testing.assert_close(value, expected, rtol=0, atol=float(expected.abs().max()) / 200 + 1e-6)


@pytest.fixture
def model_16(gguf) -> Model:
    return Model(gguf, rank=16)
