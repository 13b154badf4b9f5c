"""The interpreter in PyTorch: a Llama-family model over packed trees of tokens, and the compiler network."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import BlockLinear
from .gguf import Blocks, Gguf


@dataclass
class Config:
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_size: int
    feed_forward: int
    rope_base: float
    epsilon: float

    @staticmethod
    def of(metadata: dict) -> "Config":
        value = lambda key: metadata[f"llama.{key}"]
        width, heads = value("embedding_length"), value("attention.head_count")
        return Config(
            value("block_count"), width, heads, value("attention.head_count_kv"), width // heads, value("feed_forward_length"),
            value("rope.freq_base"), value("attention.layer_norm_rms_epsilon"),
        )  # fmt: skip


@dataclass
class Packed:
    """
    Several programs, each a prefix and inputs behind it. Tokens lie in one row without padding, all prefixes first; attention looks at
    them as rectangles, a line a program.
    """

    ids: Tensor  # [tokens]
    positions: Tensor  # [tokens]
    spec_tokens: int  # how many of the tokens are of prefixes
    places: Tensor  # [all lines of all rectangles]: which token stands there; padding points at token 0
    padding: Tensor  # bool, the same shape
    lines: Tensor  # [tokens]: the token's place among these
    sees: list[Tensor]  # of each rectangle, [programs, 1, longest, longest]: 0 where a token sees another, else -inf
    rows: Tensor  # tokens whose hidden state is wanted


class Norm(nn.Module):
    """Root-mean-square norm; its gains are trained in units of themselves."""

    def __init__(self, gains: np.ndarray, epsilon: float):
        super().__init__()
        self.register_buffer("gains", torch.from_numpy(gains), persistent=False)
        self.g = nn.Parameter(torch.zeros(len(gains)))
        # Of a call's tokens, where others read specs.
        self.register_buffer("running", None, persistent=False)
        self.epsilon = epsilon

    def fix(self) -> None:
        """As `BlockLinear.fix`."""
        self.running = (self.gains * (1 + self.g)).detach()

    def forward(self, x: Tensor, spec_tokens: int) -> Tensor:
        norm = lambda x, gains: F.rms_norm(x, x.shape[-1:], gains, self.epsilon)
        gains = self.gains * (1 + self.g)
        if self.running is None:
            return norm(x, gains)
        return torch.cat([norm(x[:spec_tokens], gains), norm(x[spec_tokens:], self.running)])


def stack(*all: Blocks) -> Blocks:
    return Blocks(*(np.concatenate([getattr(b, name) for b in all]) for name in ("codes", "scales", "minima")))


class Layer(nn.Module):
    def __init__(self, gguf: Gguf, config: Config, number: int, rank: int, dtype: torch.dtype):
        super().__init__()
        self.config = config
        blocks = lambda name: gguf.blocks(f"blk.{number}.{name}.weight")
        linear = lambda *names: BlockLinear(stack(*map(blocks, names)), rank, dtype)
        norm = lambda name: Norm(gguf.floats(f"blk.{number}.{name}.weight"), config.epsilon)
        self.attn_norm, self.ffn_norm = norm("attn_norm"), norm("ffn_norm")
        self.qkv = linear("attn_q", "attn_k", "attn_v")
        self.attention_output = linear("attn_output")
        self.gate_up = linear("ffn_gate", "ffn_up")
        self.down = linear("ffn_down")

    def forward(self, x: Tensor, batch: Packed, rotation: tuple[Tensor, Tensor], last: bool) -> Tensor:
        spec = batch.spec_tokens
        attended = self.attend(self.qkv(self.attn_norm(x, spec), spec), batch, rotation)
        if last:  # behind the last attention nothing but the wanted rows matters, and none of them is a spec's
            attended, x, spec = attended[batch.rows], x[batch.rows], 0
        x = x + self.attention_output(attended, spec)
        return x + self.down(Gated.apply(self.gate_up(self.ffn_norm(x, spec), spec)), spec)

    def attend(self, qkv: Tensor, batch: Packed, rotation: tuple[Tensor, Tensor]) -> Tensor:
        heads, kv_heads = self.config.heads, self.config.kv_heads
        q, k, v = qkv.view(len(qkv), -1, self.config.head_size).split([heads, kv_heads, kv_heads], dim=1)
        # Token by token into the rectangles, one after the other: [places, heads, headSize]
        q, k, v = (Rearrange.apply(x, batch.places, batch.lines) for x in (rotate(q, *rotation), rotate(k, *rotation), v))
        out, at = [], 0
        for sees in batch.sees:
            programs, _, longest, _ = sees.shape
            part = slice(at, at := at + programs * longest)
            # [programs, heads, longest, headSize]
            a, b, c = (x[part].unflatten(0, (programs, longest)).transpose(1, 2) for x in (q, k, v))
            b, c = (x.repeat_interleave(heads // kv_heads, dim=1) for x in (b, c))
            out.append(F.scaled_dot_product_attention(a, b, c, attn_mask=sees).transpose(1, 2).flatten(0, 1))
        return Rearrange.apply(torch.cat(out), batch.lines, batch.places, batch.padding).flatten(1)


class Rearrange(torch.autograd.Function):
    """
    `x[to]`, whose gradient is `dy[back]`: nothing has to be summed, as each token has one place. What comes from padding is garbage that
    nobody reads; `padding` says where the gradient lies in padding and is none.
    """

    @staticmethod
    def forward(ctx, x: Tensor, to: Tensor, back: Tensor, padding: Tensor | None = None) -> Tensor:
        ctx.save_for_backward(back, padding)
        return x[to]

    @staticmethod
    def backward(ctx, dy: Tensor):
        back, padding = ctx.saved_tensors
        dx = dy[back]
        if padding is not None:
            dx[padding] = 0
        return dx, None, None, None


class Gated(torch.autograd.Function):
    """SwiGLU (https://arxiv.org/abs/2002.05202): silu(gate) * up, of gate and up side by side; keeps nothing but these."""

    @staticmethod
    def forward(ctx, gate_up: Tensor) -> Tensor:
        ctx.save_for_backward(gate_up)
        gate, up = gate_up.chunk(2, dim=-1)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, dy: Tensor):
        (gate_up,) = ctx.saved_tensors
        gate, up = gate_up.chunk(2, dim=-1)
        d = torch.empty_like(gate_up)
        d_gate, d_up = d.chunk(2, dim=-1)
        share = gate.sigmoid()
        torch.mul(gate, share, out=d_up)
        # silu' = share + silu * (1 - share)
        torch.addcmul(share, d_up, 1 - share, out=d_gate)
        d_gate.mul_(up).mul_(dy)
        d_up.mul_(dy)
        return d


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding (https://arxiv.org/abs/2104.09864) in llama.cpp's order: pairs are neighbours (2i, 2i + 1)."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


class Model(nn.Module):
    def __init__(self, gguf: Gguf, rank: int, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.config = config = Config.of(gguf.metadata)
        self.dtype = dtype
        table = torch.from_numpy(gguf.floats("token_embd.weight"))
        self.register_buffer("embedding", table.to(dtype), persistent=False)
        self.layers = nn.ModuleList(Layer(gguf, config, i, rank, dtype) for i in range(config.layers))
        self.output_norm = Norm(gguf.floats("output_norm.weight"), config.epsilon)
        frequencies = config.rope_base ** (-2 * torch.arange(config.head_size // 2, dtype=torch.float64) / config.head_size)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def refresh(self) -> None:
        for module in self.modules():
            if isinstance(module, BlockLinear):
                module.refresh()

    def fix(self) -> None:
        """From here on a call's tokens go through the model as it is now: what is trained only reads specs."""
        for module in self.modules():
            if isinstance(module, BlockLinear | Norm):
                module.fix()

    def forward(self, batch: Packed) -> Tensor:
        """Hidden states of the wanted rows, ready for the vocabulary's table: `[rows, width]`."""
        angles = (batch.positions[:, None] * self.frequencies)[:, None]
        rotation = angles.cos().to(self.dtype), angles.sin().to(self.dtype)
        batch.sees = [sees.to(self.dtype) for sees in batch.sees]
        x = self.embedding[batch.ids].float()
        for i, layer in enumerate(self.layers):
            x = layer(x, batch, rotation, last=i == len(self.layers) - 1)
        return self.output_norm(x, 0).to(self.dtype)
