"""What reads a spec, as a change of the interpreter that runs: `training/reading.py`."""

import torch

from training.blocks import MIDDLE
from training.delta import get
from training.reading import way


def numbers(generator: torch.Generator) -> dict[str, torch.Tensor]:
    part = lambda *shape: torch.randn(*shape, generator=generator) * 0.05
    return {"0.down.scales": part(6, 4), "0.down.offsets": part(6, 4), "output_norm.gains": part(8)}


def merged(scale, minimum, s, o):
    return scale * (1 + s), minimum + scale * (o - MIDDLE * s)


def test_the_way_leads_from_one_delta_to_the_other():
    generator = torch.Generator().manual_seed(0)
    here, there = numbers(generator), numbers(generator)
    change = way(here, there)
    scale, minimum = torch.rand(6, 4, generator=generator) + 0.5, torch.randn(6, 4, generator=generator)
    of = lambda tensors: merged(scale, minimum, tensors["0.down.scales"], tensors["0.down.offsets"])
    found = merged(*of(here), get(change, "0.down.scales"), get(change, "0.down.offsets"))
    for one, other in zip(found, of(there)):
        torch.testing.assert_close(one, other, atol=0.02, rtol=0)  # int8 with a step a row
    gains = (1 + here["output_norm.gains"]) * (1 + change["output_norm.gains"].float())
    torch.testing.assert_close(gains, 1 + there["output_norm.gains"], atol=1e-3, rtol=0)


def test_no_way_is_no_change():
    here = numbers(torch.Generator().manual_seed(1))
    change = way(here, here)
    assert all(not get(change, f"0.down.{kind}").any() for kind in ("scales", "offsets"))
