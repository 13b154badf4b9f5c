"""A linear map in 4-bit blocks whose codes are frozen: trained are scales and offsets, and for a spec's tokens a low-rank delta."""

import torch
from torch import Tensor, nn

from .gguf import BLOCK, Blocks

MIDDLE = 7.5  # of the codes 0 to 15
# One unit of an offset moves a block's values as far as one unit of its scale does on average: codes lie about four from the middle.
OFFSET_UNIT = 4.0


class BlockLinear(nn.Module):
    """
    y = x W^T, W in blocks of 32 along a row:

        W = scale * ((1 + s) * (code - 7.5) + 4 * o) + centre,   centre = minimum + 7.5 * scale

    `s` and `o` [rows, blocks] are trained, from zero, in units of the block's own scale. Around the middle they are independent: s
    spreads a block's values, o moves them. What comes out is a Q4_1 block again (`merged`), so nothing is rounded after training.
    """

    def __init__(self, blocks: Blocks, rank: int, dtype: torch.dtype):
        super().__init__()
        scales, minima = torch.from_numpy(blocks.scales), torch.from_numpy(blocks.minima)
        # Twice the distance from the middle is a whole number.
        self.register_buffer("codes", torch.from_numpy(2 * blocks.codes.astype("int8") - 15), persistent=False)
        self.register_buffer("half_scale", scales / 2, persistent=False)
        self.register_buffer("centre", minima + MIDDLE * scales, persistent=False)
        rows, count, _ = blocks.codes.shape
        self.register_buffer("weight", torch.empty(rows, count * BLOCK, dtype=dtype), persistent=False)
        self.s, self.o = (nn.Parameter(torch.zeros(rows, count)) for _ in range(2))
        # The compiler network: a low-rank delta (https://arxiv.org/abs/2106.09685) for the tokens of a spec; starts at nothing.
        self.compiler_down = nn.Parameter(torch.randn(rank, count * BLOCK) * (count * BLOCK) ** -0.5) if rank else None
        self.compiler_up = nn.Parameter(torch.zeros(rows, rank)) if rank else None
        # W of a call's tokens, where another one reads specs.
        self.register_buffer("running", None, persistent=False)
        self.refresh()

    def fix(self) -> None:
        """From here on a call's tokens go through W as it is now; what is trained is for a spec's tokens only."""
        self.running = self.weight.clone()

    @torch.no_grad()
    def refresh(self) -> None:
        """Computes W anew: after every change of s and o."""
        scale = self.half_scale * (1 + self.s)
        offset = self.centre + 2 * OFFSET_UNIT * self.half_scale * self.o
        weight = torch.addcmul(offset[..., None], self.codes, scale[..., None])
        self.weight.copy_(weight.view_as(self.weight))

    def forward(self, x: Tensor, spec_tokens: int) -> Tensor:
        """`x` [tokens, columns], of which the first `spec_tokens` are a spec's."""
        return Product.apply(x, self.s, self.o, self.compiler_down, self.compiler_up, self, spec_tokens)

    @torch.no_grad()
    def merged(self) -> tuple[Tensor, Tensor]:
        """Scales and minima of the trained blocks."""
        scale = 2 * self.half_scale
        return scale * (1 + self.s), self.centre + scale * (OFFSET_UNIT * self.o - MIDDLE * (1 + self.s))


def two_maps(x: Tensor, spec: int, first: Tensor, rest: Tensor | None) -> Tensor:
    """`x @ first`; where there is `rest`, of the first `spec` rows only, and `x @ rest` of the others."""
    return x @ first if rest is None else torch.cat([x[:spec] @ first, x[spec:] @ rest])


class Product(torch.autograd.Function):
    """
    Keeps of the weight's gradient only what moves the blocks: sums over each, with and without the codes. The low-rank delta is added
    in place, to the rows that it is for.
    """

    @staticmethod
    def forward(ctx, x: Tensor, s: Tensor, o: Tensor, down: Tensor | None, up: Tensor | None, layer: BlockLinear, spec: int) -> Tensor:
        x = x.to(layer.weight.dtype)
        y = two_maps(x, spec, layer.weight.T, layer.running.T if layer.running is not None else None)
        low = None
        if down is not None and up is not None and spec:
            low = x[:spec] @ down.to(x.dtype).T
            y[:spec].addmm_(low, up.to(x.dtype).T)
        ctx.save_for_backward(x, down, up, low)
        ctx.layer, ctx.spec = layer, spec
        return y

    @staticmethod
    def backward(ctx, dy: Tensor):
        x, down, up, low = ctx.saved_tensors
        layer, spec = ctx.layer, ctx.spec
        dx = two_maps(dy, spec, layer.weight, layer.running)
        ds = do = d_down = d_up = None
        moving = slice(spec if layer.running is not None else len(x))  # the tokens whose map is trained
        if ctx.needs_input_grad[1]:
            dw = (dy[moving].T @ x[moving]).view_as(layer.codes)
            ds = (dw * layer.codes).sum(-1, dtype=torch.float32) * layer.half_scale
        if ctx.needs_input_grad[2]:
            # The sum of a block of dW needs no dW: it is a product 32 times smaller.
            sums = x[moving].unflatten(1, (-1, BLOCK)).sum(-1)
            do = (dy[moving].T @ sums).float() * (2 * OFFSET_UNIT * layer.half_scale)
        if low is not None:
            d_low = dy[:spec] @ up.to(dy.dtype)
            d_up, d_down = (dy[:spec].T @ low).float(), (d_low.T @ x[:spec]).float()
            dx[:spec].addmm_(d_low, down.to(dy.dtype))
        return dx, ds, do, d_down, d_up, None, None
