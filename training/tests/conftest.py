import pytest
import torch

from training.chat import Chat
from training.fetch import fetch
from training.gguf import Gguf
from training.model import Model
from training.tokenizer import Tokenizer

torch.set_num_threads(2)


@pytest.fixture(scope="session")
def gguf() -> Gguf:
    return Gguf(fetch())


@pytest.fixture(scope="session")
def chat(gguf: Gguf) -> Chat:
    return Chat(Tokenizer(gguf.metadata))


@pytest.fixture
def model(gguf: Gguf) -> Model:
    torch.manual_seed(0)
    return Model(gguf, rank=4)
