"""
`python -m training.prepare CORPUS FOLDER`: copies the parts of the corpus that shipped weights may learn from.

Left out: `sgd` (share-alike), `natinst_open` and `t0_open` (share-alike or unclear in parts), of `ner` what comes from AnEM (share-alike:
sentences of biomedical papers), of `synth_text` examples that have words of those.
"""

import argparse
import gzip
import json
import re
from pathlib import Path

from .data import read_part

ALLOWED = ["written", "hwu64", "nlupp", "persona", "recognizers", "self_instruct", "ner", "synth_text"]
REFUSED = ["sgd", "natinst_open", "t0_open"]
WORDS = 4  # in a row: what two texts have in common is one text's


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)}


def inputs(corpus: Path, part: str) -> list[str]:
    return [example["input"] for spec in read_part(corpus / f"{part}.jsonl.gz") for example in spec["examples"]]


def prepare(corpus: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    taken = {run for part in REFUSED for text in inputs(corpus, part) for run in runs(text)}
    taken -= {run for part in ("hwu64", "nlupp", "persona") for text in inputs(corpus, part) for run in runs(text)}
    for part in ALLOWED:
        specs = read_part(corpus / f"{part}.jsonl.gz")
        if part == "ner":
            specs = [spec for spec in specs if "biomedical" not in spec["spec"]]
        if part == "synth_text":
            for spec in specs:
                spec["examples"] = [e for e in spec["examples"] if not runs(e["input"]) & taken]
            specs = [spec for spec in specs if len(spec["examples"]) >= 4]
        with gzip.open(folder / f"{part}.jsonl.gz", "wt") as out:
            for spec in specs:
                out.write(json.dumps(spec, ensure_ascii=False) + "\n")
        print(f"{part}: {len(specs)} specs, {sum(len(spec['examples']) for spec in specs)} examples")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.prepare", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    prepare(arguments.corpus, arguments.folder)
