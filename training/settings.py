"""A run's config file, with its paths found."""

import os
import tomllib
from pathlib import Path

# Where everything lies that is too large for the repository: the GGUF, data, runs.
HOME = Path(os.environ.get("PAW_TRAINING", "~/paw-training")).expanduser()
GGUF = HOME / "SmolLM2-135M-Instruct.Q4_1.gguf"


def read(path: Path) -> dict:
    """Paths in it are relative to the config file, or below $PAW_TRAINING where they begin with that."""
    config = tomllib.loads(path.read_text())
    found = lambda text: path.parent / Path(text.replace("$PAW_TRAINING", str(HOME))).expanduser()
    config["name"] = path.stem
    config["data"]["folder"] = found(config["data"]["folder"])
    config["run"] = found(config["run"]) if "run" in config else HOME / "runs" / path.stem
    config["start"] = found(config["start"]) if "start" in config else None
    config["runs"] = found(config["runs"]) if "runs" in config else None
    return config
