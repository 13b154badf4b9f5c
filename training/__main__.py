"""`python -m training CONFIG [--until STEP]`: trains, or goes on where a killed run stopped."""

import argparse
from pathlib import Path

from .settings import read
from .train import train

parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
parser.add_argument("config", type=Path, help="a .toml file, such as training/configs/two-cores.toml")
parser.add_argument("--until", type=int, help="stop at this step")
arguments = parser.parse_args()
train(read(arguments.config), arguments.until)
