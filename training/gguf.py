"""Reads a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): its metadata, and tensors as numpy arrays."""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# The one file that the interpreter's card names (packages/interpreter/src/cards.ts). A delta means nothing to another.
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
F32, Q4_1, Q8_0 = 0, 3, 8
BLOCK = 32
BYTES_A_BLOCK = {Q4_1: 20, Q8_0: 34}


@dataclass
class Blocks:
    """A Q4_1 matrix: value = scale * code + minimum, blocks of 32 along a row."""

    codes: np.ndarray  # uint8 [rows, blocks, 32], 0 to 15
    scales: np.ndarray  # float32 [rows, blocks]
    minima: np.ndarray  # float32 [rows, blocks]


class Gguf:
    def __init__(self, path: Path, sha256: str | None = SHA256):
        self.bytes = np.memmap(path, mode="r")
        if sha256 and hashlib.sha256(self.bytes).hexdigest() != sha256:
            raise ValueError(f"{path} is not the file that the interpreter's card names (SHA-256 {sha256}); fetch it again")
        self.at = 0
        magic, version, tensors, pairs = self.read("<IIQQ")
        if magic != 0x46554747 or version not in (2, 3):
            raise ValueError(f"{path} is no GGUF file of version 2 or 3")
        self.metadata = {self.string(): self.value(*self.read("<I")) for _ in range(pairs)}
        self.tensors = {}
        for _ in range(tensors):
            name, (dimensions,) = self.string(), self.read("<I")
            shape = self.read(f"<{dimensions}Q")[::-1]  # row-major: the last dimension is contiguous
            self.tensors[name] = shape, *self.read("<IQ")
        alignment = self.metadata.get("general.alignment", 32)
        self.start = -(-self.at // alignment) * alignment

    def read(self, format: str) -> tuple:
        values = struct.unpack_from(format, self.bytes, self.at)
        self.at += struct.calcsize(format)
        return values

    def string(self) -> str:
        (length,) = self.read("<Q")
        self.at += length
        return bytes(self.bytes[self.at - length : self.at]).decode()

    def value(self, type: int):
        if type == STRING:
            return self.string()
        if type == ARRAY:
            item, length = self.read("<IQ")
            return [self.value(item) for _ in range(length)]
        return self.read("<" + SCALARS[type])[0]

    def raw(self, name: str, *types: int) -> tuple[int, tuple[int, ...], np.ndarray]:
        shape, type, offset = self.tensors[name]
        if type not in types:
            raise ValueError(f"{name} has the encoding number {type}, expected one of {types}")
        count = int(np.prod(shape))
        size = count * 4 if type == F32 else count // BLOCK * BYTES_A_BLOCK[type]
        start = self.start + offset
        return type, shape, self.bytes[start : start + size]

    def blocks(self, name: str) -> Blocks:
        _, (rows, columns), raw = self.raw(name, Q4_1)
        raw = raw.reshape(rows, columns // BLOCK, 20)
        halves = raw[..., :4].copy().view("<f2").astype(np.float32)
        # Low halves of the 16 bytes are values 0 to 15 of the block, high halves values 16 to 31.
        codes = np.concatenate([raw[..., 4:] & 15, raw[..., 4:] >> 4], axis=-1)
        return Blocks(codes, halves[..., 0], halves[..., 1])

    def floats(self, name: str) -> np.ndarray:
        """A tensor in float32: a norm's gains, or the vocabulary's table in Q8_0."""
        type, shape, raw = self.raw(name, F32, Q8_0)
        if type == F32:
            return raw.copy().view("<f4").reshape(shape)
        raw = raw.reshape(-1, 34)
        return (raw[:, :2].copy().view("<f2").astype(np.float32) * raw[:, 2:].view(np.int8)).reshape(shape)
