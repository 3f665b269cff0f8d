"""The adversary on two halves of z: what it finds, and who moves by it."""

import math

import pytest
import torch
from torch import Tensor

from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.adversary import HalvesAdversary
from vcdisent.objective.codes import Codes


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def trajectories(voice: float, seed: int) -> Tensor:
    """Noise (16, 12, 3), with an offset of each trajectory's own."""
    noise = torch.randn(16, 12, 3, generator=seeded(seed))
    return noise + voice * torch.randn(16, 1, 3, generator=seeded(seed + 1000))


def codes_of(mean: Tensor) -> Codes:
    return Codes(Gaussian(mean, torch.zeros_like(mean)), mean)


@pytest.fixture
def adversary() -> HalvesAdversary:
    torch.manual_seed(0)
    return HalvesAdversary(dynamic_size=3, num_hidden=16, num_layers=2, embedding_size=8)


def learn(adversary: HalvesAdversary, voice: float) -> float:
    """Trains on trajectories; gives the information on others, in nats."""
    optimiser = torch.optim.Adam(adversary.parameters(), 3e-3)
    for step in range(150):
        codes = codes_of(trajectories(voice, step))
        optimiser.zero_grad()
        (-adversary(codes, codes)["mi_cross_fit"]).backward()
        optimiser.step()
    found = [
        adversary(c, c)["mi_cross"].item() for c in map(codes_of, (trajectories(voice, 500 + n) for n in range(8)))
    ]
    return sum(found) / len(found)


def test_it_learns_to_find_what_stays_and_nothing_where_nothing_does(adversary: HalvesAdversary) -> None:
    assert 1.0 < learn(adversary, voice=3.0) <= math.log(2 * 16 - 1) + 1e-6


def test_independent_halves_share_nothing(adversary: HalvesAdversary) -> None:
    assert learn(adversary, voice=0.0) < 0.1


def test_codes_move_by_the_one_and_the_network_by_the_other(adversary: HalvesAdversary) -> None:
    mean = trajectories(1.0, 0).requires_grad_()
    terms = adversary(codes_of(mean), codes_of(mean))
    torch.testing.assert_close(terms["mi_cross"], terms["mi_cross_fit"])
    parameters = list(adversary.parameters())
    (to_codes,) = torch.autograd.grad(terms["mi_cross"], mean, retain_graph=True)
    assert to_codes.abs().sum() > 0
    assert torch.autograd.grad(terms["mi_cross"], parameters, allow_unused=True, retain_graph=True)[0] is None
    assert torch.autograd.grad(terms["mi_cross_fit"], mean, allow_unused=True, retain_graph=True)[0] is None
    to_network = torch.autograd.grad(terms["mi_cross_fit"], parameters, allow_unused=True)
    assert any(gradient is not None and gradient.abs().sum() > 0 for gradient in to_network)
