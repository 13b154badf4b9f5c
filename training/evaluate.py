"""
`python -m training.evaluate CONFIG [...]`: specs that were never trained on, and the tasks of a suite, with controls.

An answer is exact where the decoder gives it: of closed labels the most probable; of texts every token, the end included, is the most
probable behind the right ones before it, which is what greedy decoding asks.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch

from . import checkpoint, delta, settings
from .chat import Chat
from .data import load
from .gguf import Gguf
from .model import Model
from .pack import pack
from .program import Answer, Program, start, training_program, trie_of
from .tokenizer import Tokenizer
from .train import model_of

# What stands for every spec where all share one prefix.
SHARED = "Read the input and give the answer."
SEED = 7


@dataclass
class Question:
    """Inputs behind one prefix, and the group that they are counted in."""

    group: str
    instructions: str
    labels: list[str] | None
    shots: list[dict]
    examples: list[dict]


@dataclass
class Score:
    inputs: int
    exact: float
    loss: float


@torch.no_grad()
def ask(model: Model, chat: Chat, question: Question, compiler: bool) -> list[tuple[bool, float]]:
    """Of each input: whether its answer is exact, and its loss."""
    ask = ask_labels if question.labels else ask_text
    return ask(model, chat, question, compiler)


def hidden_states(model: Model, program: Program, compiler: bool) -> torch.Tensor:
    batch = pack([program], [[answer.place for answer in program.answers]], str(model.embedding.device))
    if not compiler:
        batch.spec_tokens = 0
    return model(batch)


def ask_text(model: Model, chat: Chat, question: Question, compiler: bool) -> list[tuple[bool, float]]:
    program = training_program(chat, question.instructions, None, question.shots, question.examples)
    logits = (hidden_states(model, program, compiler) @ model.embedding.T).float()
    target = torch.tensor([answer.token for answer in program.answers], device=logits.device)
    losses = torch.nn.functional.cross_entropy(logits, target, reduction="none").tolist()
    best = (logits.argmax(-1) == target).tolist()
    found, at = [], 0
    for example in question.examples:
        part = slice(at, at := at + len(chat.encode(example["output"])) + 1)
        found.append((all(best[part]), sum(losses[part]) / len(losses[part])))
    return found


def ask_labels(model: Model, chat: Chat, question: Question, compiler: bool) -> list[tuple[bool, float]]:
    """As `scoreLabels` in packages/runtime/src/labels.ts: the whole trie below each input."""
    program = start(chat, question.instructions, question.shots)
    trie = trie_of(chat, question.labels)
    for example in question.examples:
        places = [program.append(chat.input(example["input"]), program.prefix - 1)]
        for token, parent in trie.nodes:
            places.append(program.append([token], places[1 + parent]))
        program.answers += [Answer(places[1 + branch.node], -1, 0, list(branch.children)) for branch in trie.branches]
    hidden = hidden_states(model, program, compiler)
    found, row = [], 0
    for example in question.examples:
        scores = [0.0] * len(question.labels)
        for branch in trie.branches:
            logits = (model.embedding[list(branch.children)] @ hidden[row]).float()
            row += 1
            for share, labels in zip(logits.log_softmax(-1).tolist(), branch.children.values()):
                for label in labels:
                    scores[label] += share
        right = question.labels.index(example["output"])
        found.append((scores.index(max(scores)) == right, -scores[right]))
    return found


def measure(model: Model, chat: Chat, questions: Iterator[Question], compiler: bool = True) -> dict[str, Score]:
    """Scores by group. A group's figure is the mean over its specs."""
    groups: dict[str, list[list[tuple[bool, float]]]] = defaultdict(list)
    for question in questions:
        groups[question.group].append(ask(model, chat, question, compiler))
    mean = lambda values: sum(values) / len(values)
    return {
        group: Score(
            sum(map(len, specs)),
            mean([mean([exact for exact, _ in spec]) for spec in specs]),
            mean([mean([loss for _, loss in spec]) for spec in specs]),
        )
        for group, specs in sorted(groups.items())
    }


def held_out(specs: list[dict], fields: list[str], each: int, inputs: int, shown: int) -> list[Question]:
    """Of every field that was held out `each` specs, of the others together twice as many, by their kind."""
    random = Random(SEED)
    groups: dict[str, list[dict]] = defaultdict(list)
    for spec in random.sample(specs, len(specs)):
        groups[spec["field"] if spec["field"] in fields else "other fields"].append(spec)
    questions = []
    for group, all in groups.items():
        fitting = [spec for spec in all if len(spec["examples"]) >= 4 + inputs][: 2 * each if group == "other fields" else each]
        for spec in fitting:
            examples = random.sample(spec["examples"], 4 + inputs)
            questions.append(Question(group, spec["spec"], spec["labels"], examples[:shown], examples[4:]))
    return questions


def suite(folder: Path, inputs: int) -> list[Question]:
    """Instructions only; the first inputs of `test`."""
    questions = []
    for path in sorted((folder / "tasks").glob("*.json")):
        task = json.loads(path.read_text())
        questions.append(Question(task["name"], task["spec"], task["labels"], [], task["test"][:inputs]))
    return questions


def controls(questions: list[Question]) -> dict[str, list[Question]]:
    """The same inputs behind another spec of their kind (labels, texts), and behind one prefix for all."""
    wrong = []
    for kind in (True, False):
        same = [question for question in questions if bool(question.labels) == kind]
        for i, question in enumerate(same):
            other = same[(i + len(same) // 2) % len(same)]
            wrong.append(Question(question.group, other.instructions, question.labels, [], question.examples))
    shared = [Question(question.group, SHARED, question.labels, [], question.examples) for question in questions]
    return {"the wrong spec": wrong, "one prefix for all": shared}


def total(scores: dict[str, Score], groups: set[str] | None = None) -> Score:
    chosen = [score for group, score in scores.items() if groups is None or group in groups]
    mean = lambda values: sum(values) / len(values) if values else float("nan")
    return Score(sum(s.inputs for s in chosen), mean([s.exact for s in chosen]), mean([s.loss for s in chosen]))


def table(columns: dict[str, dict[str, Score]]) -> str:
    """Exact match and loss, a row a group, a column a way to answer."""
    names = list(columns)
    groups = list(dict.fromkeys(group for scores in columns.values() for group in scores))
    cell = lambda score: f"{score.exact:.2f} ({score.loss:.2f})" if score else "-"
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [f"| {group} | {' | '.join(cell(columns[name].get(group)) for name in names)} |" for group in groups]
    lines.append(f"| **mean** | {' | '.join(f'**{cell(total(columns[name]))}**' for name in names)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--checkpoint", help="a step-*.pt or a folder with a delta; `base`: none; default: the newest of the run")
    parser.add_argument("--share", type=float, default=1, help="of the way from the GGUF's numbers to the trained ones (default 1)")
    parser.add_argument("--suite", type=Path, help="a folder with tasks/*.json: {name, spec, labels, test}")
    parser.add_argument("--inputs", type=int, default=10, help="of a task (default 10)")
    parser.add_argument("--specs", type=int, default=10, help="of a held-out field (default 10)")
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("--out", type=Path, help="a file for the figures, as JSON")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    config = settings.read(arguments.config)
    data = config["data"]
    gguf = Gguf(settings.GGUF)
    chat = Chat(Tokenizer(gguf.metadata))
    model = model_of(config, gguf, "cuda" if torch.cuda.is_available() else "cpu")
    path = Path(arguments.checkpoint) if arguments.checkpoint else checkpoint.newest(config["run"])
    if path and str(path) != "base":
        delta.read(path, model, arguments.share)
        print(f"{arguments.share:g} of {path}")
    else:
        print("the base model")
    _, unseen = load(data["folder"], {"written": 1}, data["held_out_fields"], data["held_out_share"])
    columns = {}
    for shown in (0, 4):
        questions = held_out(unseen, data["held_out_fields"], arguments.specs, 4, shown)
        columns[f"{shown} examples"] = measure(model, chat, questions)
        print(f"\n{table(columns)}" if shown else "", flush=True)
    results = {"held out": columns}
    if arguments.suite:
        questions = suite(arguments.suite, arguments.inputs)
        columns = {"instructions only": measure(model, chat, questions)}
        if arguments.controls:
            columns["no compiler network"] = measure(model, chat, questions, compiler=False)
            columns |= {name: measure(model, chat, control) for name, control in controls(questions).items()}
        print("\n" + table(columns))
        labels = {question.group for question in questions if question.labels}
        for kind, groups in (("labels", labels), ("texts", {q.group for q in questions} - labels)):
            print(f"{kind}: " + ", ".join(f"{name} {total(scores, groups).exact:.3f}" for name, scores in columns.items()))
        results["suite"] = columns
    if arguments.out:
        plain = {part: {name: {g: asdict(s) for g, s in scores.items()} for name, scores in columns.items()} for part, columns in results.items()}
        arguments.out.write_text(json.dumps({"checkpoint": str(path), **plain}, indent=1))


if __name__ == "__main__":
    main()
