from collections import Counter
from pathlib import Path
from random import Random

import pytest

from training.augment import rename, shuffle_list, vary
from training.batches import Batches, balanced
from training.chat import Chat, wordings
from training.data import Visits, closed_labels, held_out, read_part
from training.program import training_program
from training.trie import label_trie

SPECS = read_part(Path(__file__).parents[2] / "fixtures/training/specs.jsonl")


def test_closed_labels() -> None:
    assert closed_labels(["yes", "no"] * 10) == ["no", "yes"]
    assert closed_labels(["a", "b", "c"]) is None  # too few to tell
    assert closed_labels([str(i) for i in range(40)]) is None
    assert closed_labels(["same"] * 10) is None


def test_held_out_depends_on_the_text_alone() -> None:
    spec = {"field": "shop", "spec": "Say hello."}
    assert held_out(spec, ["shop"], 0)
    assert held_out(spec, [], 1) and not held_out(spec, [], 0)
    many = [{"field": "shop", "spec": f"spec {i}"} for i in range(2000)]
    assert 150 < sum(held_out(one, [], 0.1) for one in many) < 250


def test_visits_go_on_from_their_state() -> None:
    make = lambda: Visits({"a": 5, "b": 50}, {"a": 1, "b": 3}, seed=1)
    whole, first, second = make(), make(), make()
    expected = [whole.next() for _ in range(60)]
    begun = [first.next() for _ in range(25)]
    second.restore(first.state())
    assert begun + [second.next() for _ in range(35)] == expected
    assert 0.1 < Counter(part for part, _ in expected)["a"] / 60 < 0.45


def test_every_spec_of_a_part_is_visited_before_one_is_again() -> None:
    visits = Visits({"a": 7}, {"a": 1}, seed=1)
    assert sorted(visits.next()[1] for _ in range(7)) == list(range(7))


def test_variations_keep_what_a_spec_means() -> None:
    for seed in range(30):
        for spec in SPECS:
            instructions, labels, examples = vary(spec, Random(seed))
            assert instructions and [e["input"] for e in examples] == [e["input"] for e in spec["examples"]]
            if labels:
                assert {e["output"] for e in examples} <= set(labels) and len(labels) == len(spec["labels"])


def test_renamed_labels_are_explained() -> None:
    text, names, examples = rename("Which?", ["cat", "dog"], [{"input": "meow", "output": "cat"}], Random(0))
    name = examples[0]["output"]
    assert name in names and f"{name} for cat" in text


def test_a_list_of_labels_is_shuffled_and_the_rest_stays() -> None:
    found = {shuffle_list("Answer red, green or blue, in one word.", ["red", "green", "blue"], Random(seed)) for seed in range(40)}
    assert len(found) == 6
    assert all(text.startswith("Answer ") and text.endswith(", in one word.") for text in found)
    assert shuffle_list("Is the hat red?", ["red", "blue"], Random(1)) == "Is the hat red?"


def test_rare_labels_are_asked_as_often() -> None:
    examples = [{"input": str(i), "output": "a" if i < 8 else "b"} for i in range(10)]
    assert Counter(e["output"] for e in balanced(examples, 4)) == {"a": 2, "b": 2}


def test_wordings() -> None:
    assert wordings("Do it. Well.", ["x", "y"]) == ["Do it. Well.", "Do it. Well.\nAnswer with one of: x, y.", "Do it. Answer with one of: x, y."]


def test_trie() -> None:
    trie = label_trie([[11], [12, 13], [12, 14], [12]], stop=2)
    assert trie.nodes == [(12, -1)]
    assert [(branch.node, branch.children) for branch in trie.branches] == [
        (-1, {11: [0], 12: [1, 2, 3]}),
        (0, {13: [1], 14: [2], 2: [3]}),
    ]


def test_loss_is_the_decoders(chat: Chat) -> None:
    example = {"input": "in", "output": "past week"}
    program = training_program(chat, "When?", ["past day", "past week", "any time"], [], [example])
    root = len(chat.prompt("When?", [])) + len(chat.input("in")) - 1
    assert [answer.place for answer in program.answers] == [root, root + 1]
    assert [len(answer.choices) for answer in program.answers] == [2, 2]
    assert program.ids[root + 1 :] == chat.tokenizer.encode("past")

    text = training_program(chat, "When?", None, [], [example, example])
    assert sum(answer.weight for answer in text.answers) == pytest.approx(1)
    assert text.answers[-1].token == chat.stop
    # The second input hangs on the prefix, not on the first answer.
    assert text.parents.count(text.prefix - 1) == 2


def test_batches_hold_about_as_many_tokens_as_asked(chat: Chat) -> None:
    visits = Visits({"specs": len(SPECS)}, {"specs": 1}, seed=3)
    settings = {"shown": {"0": 0.5, "2": 0.5}, "tokens": 600, "asked": 4, "longest": 200}
    batches = Batches(chat, {"specs": SPECS}, visits, settings)
    for _ in range(20):
        sizes = [len(program.ids) for program in batches.next()]
        assert max(sizes) <= 200 and 600 <= sum(sizes) < 800
