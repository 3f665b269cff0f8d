"""The decoder that sees time is moved by s in every layer."""

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.model.modulated_decoder import ModulatedDecoder


def decoder(**options):
    torch.manual_seed(0)
    return ModulatedDecoder(num_bins=12, static_size=6, dynamic_size=4, num_features=16, **options)


def test_frames_see_as_many_neighbours_as_the_layers_reach():
    network, code = decoder(num_layers=2, kernel_size=3), torch.randn(2, 20, 10)
    changed = code.clone()
    changed[:, 10, 6:] += 1
    moved = (network(changed) - network(code)).abs().amax(dim=(0, 2)) > 1e-6
    assert moved.nonzero().flatten().tolist() == list(range(8, 13))


def test_static_modulates_every_layer():
    network, code = decoder(num_layers=3), torch.randn(2, 5, 10)
    network(code).square().mean().backward()
    assert all(modulation.weight.grad.abs().sum() > 0 for modulation in network.modulations)
    other = torch.cat([torch.randn(2, 1, 6).expand(-1, 5, -1), code[..., 6:]], dim=-1)
    assert (network(other) - network(code)).abs().mean() > 0.01


def test_decodes_in_full_precision():
    with torch.autocast("cpu", torch.bfloat16):
        assert decoder()(torch.randn(1, 5, 10)).dtype == torch.float32


def test_an_even_kernel_has_no_middle():
    with pytest.raises(InputError, match="odd"):
        decoder(kernel_size=4)
