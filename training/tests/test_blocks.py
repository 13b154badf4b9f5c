"""The block product's own gradients against PyTorch's, through the formula."""

import numpy as np
import torch
import torch.nn.functional as F

from training.blocks import MIDDLE, OFFSET_UNIT, BlockLinear
from training.gguf import Blocks
from training.model import Gated

ROWS, BLOCKS, SPEC = 64, 3, 7


def blocks() -> Blocks:
    random = np.random.default_rng(0)
    codes = random.integers(0, 16, (ROWS, BLOCKS, 32)).astype(np.uint8)
    return Blocks(codes, random.random((ROWS, BLOCKS), np.float32), -7 * random.random((ROWS, BLOCKS), np.float32))


def linear() -> BlockLinear:
    torch.manual_seed(0)
    layer = BlockLinear(blocks(), rank=4, dtype=torch.float32)
    with torch.no_grad():
        for values in (layer.s, layer.o, layer.compiler_up):
            values.normal_(0, 0.1)
    layer.refresh()
    return layer


def test_gradients() -> None:
    layer = linear()
    x, dy = torch.randn(20, BLOCKS * 32, requires_grad=True), torch.randn(20, ROWS)
    y = layer(x, SPEC)
    y.backward(dy)

    given = blocks()
    codes, scale, minimum = (torch.from_numpy(a.astype(np.float32)) for a in (given.codes, given.scales[..., None], given.minima[..., None]))
    twin = [p.detach().clone().requires_grad_() for p in (x, layer.s, layer.o, layer.compiler_down, layer.compiler_up)]
    x2, s, o, down, up = twin
    weight = scale * ((1 + s[..., None]) * (codes - MIDDLE) + OFFSET_UNIT * o[..., None]) + minimum + MIDDLE * scale
    y2 = x2 @ weight.flatten(1).T
    y2 = torch.cat([y2[:SPEC] + x2[:SPEC] @ down.T @ up.T, y2[SPEC:]])
    y2.backward(dy)

    torch.testing.assert_close(y, y2, rtol=1e-4, atol=1e-4)
    for mine, reference in zip((x, layer.s, layer.o, layer.compiler_down, layer.compiler_up), twin):
        torch.testing.assert_close(mine.grad, reference.grad, rtol=1e-4, atol=1e-3)


def test_gradients_where_a_calls_tokens_go_through_another_map() -> None:
    layer = linear()
    layer.fix()
    fixed = layer.weight.clone()
    with torch.no_grad():
        layer.s.add_(0.1)
    layer.refresh()
    x, dy = torch.randn(20, BLOCKS * 32, requires_grad=True), torch.randn(20, ROWS)
    y = layer(x, SPEC)
    y.backward(dy)

    # The spec's tokens alone, and the others through the fixed map.
    alone = x[:SPEC].detach().clone().requires_grad_()
    twin = linear()
    with torch.no_grad():
        twin.s.add_(0.1)
    twin.refresh()
    first = twin(alone, SPEC)
    first.backward(dy[:SPEC])
    torch.testing.assert_close(y, torch.cat([first, x[SPEC:] @ fixed.T]))
    torch.testing.assert_close(x.grad, torch.cat([alone.grad, dy[SPEC:] @ fixed]))
    for mine, reference in ((layer.s, twin.s), (layer.o, twin.o), (layer.compiler_up, twin.compiler_up)):
        torch.testing.assert_close(mine.grad, reference.grad)


def test_what_is_trained_is_a_block_again() -> None:
    layer = linear()
    scales, minima = layer.merged()
    codes = torch.from_numpy(blocks().codes.astype(np.float32))
    torch.testing.assert_close((scales[..., None] * codes + minima[..., None]).flatten(1), layer.weight, rtol=1e-4, atol=1e-4)


def test_gated() -> None:
    x = torch.randn(5, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Gated.apply, x)
    gate, up = x.chunk(2, dim=-1)
    torch.testing.assert_close(Gated.apply(x), F.silu(gate) * up)
