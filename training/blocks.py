"""A linear map in 4-bit blocks whose codes are frozen and whose scales and offsets are trained."""

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

    def __init__(self, blocks: Blocks, dtype: torch.dtype):
        super().__init__()
        scales, minima = torch.from_numpy(blocks.scales), torch.from_numpy(blocks.minima)
        # Twice the distance from the middle is a whole number.
        self.register_buffer("codes", torch.from_numpy(2 * blocks.codes.astype("int8") - 15), persistent=False)
        self.register_buffer("half_scale", scales / 2, persistent=False)
        self.register_buffer("centre", minima + MIDDLE * scales, persistent=False)
        rows, count, _ = blocks.codes.shape
        self.register_buffer("weight", torch.empty(rows, count * BLOCK, dtype=dtype), persistent=False)
        self.s, self.o = (nn.Parameter(torch.zeros(rows, count)) for _ in range(2))
        self.refresh()

    @torch.no_grad()
    def refresh(self) -> None:
        """Computes W anew: after every change of s and o."""
        scale = self.half_scale * (1 + self.s)
        offset = self.centre + 2 * OFFSET_UNIT * self.half_scale * self.o
        weight = torch.addcmul(offset[..., None], self.codes, scale[..., None])
        self.weight.copy_(weight.view_as(self.weight))

    def forward(self, x: Tensor) -> Tensor:
        return BlockProduct.apply(x, self.s, self.o, self)

    @torch.no_grad()
    def merged(self) -> tuple[Tensor, Tensor]:
        """Scales and minima of the trained blocks."""
        scale = 2 * self.half_scale
        return scale * (1 + self.s), self.centre + scale * (OFFSET_UNIT * self.o - MIDDLE * (1 + self.s))


class BlockProduct(torch.autograd.Function):
    """Keeps of the weight's gradient only what moves the blocks: sums over each, with and without the codes."""

    @staticmethod
    def forward(ctx, x: Tensor, s: Tensor, o: Tensor, layer: BlockLinear) -> Tensor:
        ctx.save_for_backward(x)
        ctx.layer = layer
        return x.to(layer.weight.dtype) @ layer.weight.T

    @staticmethod
    def backward(ctx, dy: Tensor):
        (x,) = ctx.saved_tensors
        layer = ctx.layer
        dx = ds = do = None
        if ctx.needs_input_grad[0]:
            dx = (dy @ layer.weight).to(x.dtype)
        if ctx.needs_input_grad[1]:
            dw = (dy.T @ x.to(dy.dtype)).view_as(layer.codes)
            ds = (dw * layer.codes).sum(-1, dtype=torch.float32) * layer.half_scale
        if ctx.needs_input_grad[2]:
            # The sum of a block of dW needs dW not: it is a product 32 times smaller.
            sums = x.view(len(x), -1, BLOCK).sum(-1).to(dy.dtype)
            do = (dy.T @ sums).float() * (2 * OFFSET_UNIT * layer.half_scale)
        return dx, ds, do, None
