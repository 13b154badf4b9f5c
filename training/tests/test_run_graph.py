"""The same tokens and the same logits as the product's own run graph."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

from training import delta
from training.chat import Chat
from training.data import read_part
from training.evaluate import Question, ask_labels
from training.model import Model
from training.pack import pack
from training.program import start

ROOT = Path(__file__).parents[2]
SPECS = read_part(ROOT / "fixtures/training/specs.jsonl")
PLAIN, SHIPPED = "smollm2-135m-instruct", "paw-135m"

PIECES = [
    "it's", "I'M", "WE'LL", "o'clock", "naïve", "Straße", "¿Qué?", "x[i] += 2;", "\t", "\n\n", "  ", " ", "2024", "3.14", "1,000", "١٢٣",
    "½", "Ⅷ", "😀", "👩‍👩‍👧", "今日は良い天気", "한국어", "Привет", "नमस्ते", "\u0085", "\ufeff", "\u00a0", "<|im_end|>", "</div>", "--", "e\u0301", "𝔘𝔫", "\U00010d41", "'s",
]  # fmt: skip


def texts() -> list[str]:
    random = Random(5)
    mixed = ["".join(random.choice(PIECES) + random.choice(["", " "]) for _ in range(random.randint(1, 12))) for _ in range(2000)]
    return mixed + PIECES + [text for spec in SPECS for text in (spec["spec"], *(e["input"] for e in spec["examples"]))]


def questions() -> list[dict]:
    chosen = [spec for spec in SPECS if spec["labels"]][:3] + [spec for spec in SPECS if not spec["labels"]][:2]
    # Labels that begin alike, and one that is the beginning of another.
    chosen.append({**chosen[0], "labels": ["past day", "past week", "past", "any time"]})
    return [
        {
            "instructions": spec["spec"],
            "labels": spec["labels"],
            "shots": spec["examples"][: i % 3],
            "inputs": [example["input"] for example in spec["examples"][3:6]],
        }
        for i, spec in enumerate(chosen)
    ]


@cache
def asked(interpreter: str) -> dict:
    if not shutil.which("node") or not (ROOT / "packages/runtime/dist").exists():
        if not (ROOT / "node_modules/@unplugin-paw/runtime/dist").exists():
            pytest.skip("NOT COMPARED with the run graph: there is no built product here (`npm ci && npm run build`)")
    sent = json.dumps({"interpreter": interpreter, "texts": texts(), "questions": questions()})
    script = Path(__file__).with_name("run-graph.mjs")
    done = subprocess.run(["node", script], input=sent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def product() -> dict:
    return asked(PLAIN)


def test_tokens(product: dict, chat: Chat) -> None:
    for text, expected in zip(texts(), product["tokens"]):
        assert chat.tokenizer.encode(text) == expected, repr(text)


def test_prompts(product: dict, chat: Chat) -> None:
    for question, expected in zip(questions(), product["answers"]):
        assert chat.prompt(question["instructions"], question["shots"]) == expected["prompt"]
        assert [chat.input(text) for text in question["inputs"]] == expected["ids"]


@torch.no_grad()
def logits(chat: Chat, model: Model) -> Tensor:
    programs, rows = [], []
    for question in questions():
        program = start(chat, question["instructions"], question["shots"])
        rows.append([program.append(chat.input(text), program.prefix - 1) for text in question["inputs"]])
        programs.append(program)
    return model(pack(programs, rows)) @ model.embedding.T


def run_graph_logits(answers: list[dict]) -> Tensor:
    return torch.tensor([row for answer in answers for row in answer["logits"]])


def test_logits(product: dict, chat: Chat, model: Model) -> None:
    found, expected = logits(chat, model), run_graph_logits(product["answers"])
    assert torch.allclose(found, expected, atol=2e-3), (found - expected).abs().max()


def test_logits_of_what_ships(chat: Chat, model: Model) -> None:
    """The delta merged into the card's blocks, whose numbers are float16, beside the same share of it in float32 here."""
    delta.read(ROOT / "packages/interpreter/delta/paw-135m.safetensors", model)
    found, expected = logits(chat, model), run_graph_logits(asked(SHIPPED)["answers"])
    assert torch.allclose(found, expected, atol=0.1), (found - expected).abs().max()
    assert (run_graph_logits(asked(PLAIN)["answers"]) - expected).abs().max() > 5


@torch.no_grad()
def test_label_scores(product: dict, chat: Chat, model: Model) -> None:
    for question, answer in zip(questions(), product["answers"]):
        if "scores" not in answer:
            continue
        for label, name in enumerate(question["labels"]):
            examples = [{"input": text, "output": name} for text in question["inputs"]]
            asked = Question("", question["instructions"], question["labels"], question["shots"], examples)
            losses = [loss for _, loss in ask_labels(model, chat, asked, compiler=True)]
            assert losses == pytest.approx([-scores[label] for scores in answer["scores"]], abs=1e-3)
