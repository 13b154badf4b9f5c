"""Text to token ids, as packages/interpreter/src/tokenizer.ts does it: byte-level BPE from the GGUF's metadata."""

import json
import re

from tokenizers import Tokenizer as HuggingFaceTokenizer

CONTROL = 3  # tokenizer.ggml.token_type of a control token

# Digits of Unicode 16 and 17 are none anywhere: engines follow different versions of Unicode.
LATE_DIGITS = (
    r"[\x{10D40}-\x{10D49}\x{116D0}-\x{116E3}\x{11BF0}-\x{11BF9}\x{11DE0}-\x{11DE9}\x{16130}-\x{16139}"
    r"\x{16D70}-\x{16D79}\x{16FF4}-\x{16FF6}\x{1CCF0}-\x{1CCF9}\x{1E5F1}-\x{1E5FA}]"
)
# llama.cpp's "smollm": single digits out first, then cut as GPT-2 did.
PATTERNS = [
    rf"(?!{LATE_DIGITS})\p{{N}}",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
]


class Tokenizer:
    def __init__(self, metadata: dict):
        if (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]) != ("gpt2", "smollm"):
            raise ValueError("the GGUF's tokenizer is not gpt2 with the pre-tokenizer smollm")
        tokens, types = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"]
        split = [{"type": "Split", "pattern": {"Regex": p}, "behavior": "Isolated", "invert": False} for p in PATTERNS]
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
        vocabulary = {token: id for id, token in enumerate(tokens)}
        self.inner = HuggingFaceTokenizer.from_str(
            json.dumps(
                {
                    "version": "1.0",
                    "added_tokens": [],  # so that the text of a control token stays text
                    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*split, byte_level]},
                    "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
                    "model": {"type": "BPE", "vocab": vocabulary, "merges": metadata["tokenizer.ggml.merges"]},
                }
            )
        )
        self.control = {token: id for token, id in vocabulary.items() if types[id] == CONTROL}
        names = sorted(self.control, key=len, reverse=True)  # the longest first, as one may begin another
        self.pattern = re.compile("(" + "|".join(map(re.escape, names)) + ")")

    def encode(self, text: str) -> list[int]:
        """Ids of a text; nothing in it is special."""
        return self.inner.encode(text).ids

    def encode_template(self, text: str) -> list[int]:
        """Ids of a text in which the text of a control token means the control token."""
        ids = []
        for piece in self.pattern.split(text):
            ids += [self.control[piece]] if piece in self.control else self.encode(piece)
        return ids

    def decode(self, ids: list[int]) -> str:
        return self.inner.decode([id for id in ids if id not in self.control.values()])
