"""`python -m training.plot RUN [PNG]`: the learning curve of a run's log, and of its evaluations."""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from .log import read


def smooth(points: list[tuple[float, float]], share: float = 0.1) -> list[tuple[float, float]]:
    """A running mean, corrected for its start."""
    out, value, weight = [], 0.0, 0.0
    for x, y in points:
        value, weight = value * (1 - share) + y * share, weight * (1 - share) + share
        out.append((x, value / weight))
    return out


def plot(run: Path, png: Path) -> None:
    lines = read(run / "log.jsonl")
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name, colour in (("labels", "tab:blue"), ("texts", "tab:orange")):
        points = [(line["tokens"] / 1e3, line[name]) for line in lines if line[name] is not None]
        if points:
            axes.plot(*zip(*points), ".", color=colour, alpha=0.25, markersize=3)
            axes.plot(*zip(*smooth(points)), color=colour, label=f"{name}, training")
    for name, style in (("0 examples", "o-"), ("4 examples", "s--")):
        points = sorted(evaluations(run, name))
        if points:
            axes.plot(*zip(*points), style, color="black", label=f"held-out specs, {name} shown")
    axes.set(xlabel="thousand tokens", ylabel="loss", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(png, dpi=120)


def evaluations(run: Path, name: str) -> list[tuple[float, float]]:
    """Mean held-out loss by thousand tokens, of the evaluations that were written into the run's folder."""
    found = []
    for path in run.glob("evaluation-*.json"):
        result = json.loads(path.read_text())
        losses = [score["loss"] for score in result["held out"][name].values()]
        found.append((result["tokens"] / 1e3, sum(losses) / len(losses)))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m training.plot", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("png", type=Path, nargs="?")
    arguments = parser.parse_args()
    plot(arguments.run, arguments.png or arguments.run / "curve.png")
