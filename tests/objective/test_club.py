"""The upper bound by a network: where it is the truth, what moves by it, and that the network learns."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.club import Club, SequenceClub, TrajectoryReader, bound_and_fit, upper_bound
from vcdisent.objective.codes import Codes


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def correlated(correlation: float, size: int, num_dimensions: int) -> tuple[Tensor, Tensor]:
    """Standard normal u and v (B, D), each dimension of v correlated with that of u."""
    u, noise = torch.randn(2, size, num_dimensions, generator=seeded())
    return u, correlation * u + math.sqrt(1 - correlation**2) * noise


def codes_of(sample: Tensor) -> Codes:
    return Codes(Gaussian(sample, torch.zeros_like(sample)), sample)


@pytest.fixture(params=[Club, SequenceClub])
def critic(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return request.param(6, 4, num_hidden=16)


@pytest.fixture
def samples() -> tuple[Tensor, Tensor]:
    s, z = torch.randn(9, 6, generator=seeded()), torch.randn(9, 5, 4, generator=seeded(1))
    return s.requires_grad_(), z.requires_grad_()


@pytest.mark.parametrize(("correlation", "num_dimensions"), [(0.0, 2), (0.5, 1), (0.7, 3)])
def test_with_the_true_density_it_is_the_expected_upper_bound(correlation: float, num_dimensions: int) -> None:
    """With q = p(v | u), the bound is D rho^2 / (1 - rho^2), above the information -D/2 log(1 - rho^2)."""
    u, v = correlated(correlation, 20_000, num_dimensions)
    told = Gaussian(correlation * u, torch.full_like(u, math.log(1 - correlation**2)))
    bound = upper_bound(told, v).item()
    truth = -0.5 * num_dimensions * math.log(1 - correlation**2)
    assert bound == pytest.approx(num_dimensions * correlation**2 / (1 - correlation**2), abs=0.1)
    assert bound > truth - 0.05


def test_moments_stand_for_all_pairs() -> None:
    told = Gaussian(torch.randn(6, 3, generator=seeded()), torch.randn(6, 3, generator=seeded(1)))
    v = torch.randn(6, 3, generator=seeded(2))
    every = told.log_prob(v.unsqueeze(1)).sum(-1)  # row j: v_j under each u_i
    torch.testing.assert_close(upper_bound(told, v), every.diagonal().mean() - every.mean())


def test_frames_are_bounded_over_all_frames() -> None:
    told = Gaussian(torch.randn(6, 1, 3, generator=seeded()), torch.randn(6, 1, 3, generator=seeded(1)))
    z = torch.randn(6, 4, 3, generator=seeded(2))
    every = told.log_prob(z.reshape(1, 24, 3)).sum(-1)  # row i: all frames under s_i
    torch.testing.assert_close(upper_bound(told, z), told.log_prob(z).sum(-1).mean() - every.mean())


def test_the_bound_moves_codes_alone_and_the_fit_the_network_alone(
    critic: nn.Module, samples: tuple[Tensor, Tensor]
) -> None:
    s, z = samples
    weights = list(critic.parameters())
    terms = critic(codes_of(s), codes_of(z))
    of_bound = torch.autograd.grad(terms["mi_cross"], [s, z, *weights], retain_graph=True, allow_unused=True)
    of_fit = torch.autograd.grad(terms["mi_cross_fit"], [s, z, *weights], allow_unused=True)
    assert of_bound[0] is None, "s is detached"
    assert of_bound[1].abs().sum() > 0 and all(gradient is None for gradient in of_bound[2:])
    assert of_fit[:2] == (None, None) and all(gradient.abs().sum() > 0 for gradient in of_fit[2:])


@pytest.mark.parametrize("kind", [Club, SequenceClub])
def test_s_moves_where_it_is_not_detached(kind: Callable[..., nn.Module], samples: tuple[Tensor, Tensor]) -> None:
    s, z = samples
    kind(6, 4, num_hidden=16, detach_static=False)(codes_of(s), codes_of(z))["mi_cross"].backward()
    assert s.grad.abs().sum() > 0 and z.grad.abs().sum() > 0


def test_a_network_that_lags_behind_reads_nothing_but_keeps_its_gradient() -> None:
    u, v = correlated(0.9, 64, 2)
    v.requires_grad_()
    backwards = GivenMean(-0.9)
    reading = bound_and_fit(backwards, u, v)["mi_cross"]
    assert upper_bound(backwards(u), v) < -1
    reading.backward()
    assert reading == 0 and v.grad.abs().sum() > 0


class GivenMean(nn.Module):
    """v is expected at a multiple of u, within a unit variance."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, u: Tensor) -> Gaussian:
        """Gaussian (B, V) for u (B, V)."""
        return Gaussian(self.slope * u, torch.zeros_like(u))


@pytest.mark.parametrize("where", ["mean", "deviation"])
def test_the_sequence_critic_learns_what_the_mean_or_the_deviation_of_z_tells(where: str) -> None:
    """Two speakers, told by s: the bound comes to read more than half of their log 2 nats, and falls when z forgets."""
    torch.manual_seed(0)
    critic = SequenceClub(2, 3, num_hidden=16, num_layers=2)
    optimiser = torch.optim.Adam(critic.parameters(), 0.02)
    speaker = (torch.arange(64) % 2).float()[:, None]
    s = torch.cat([2 * speaker - 1, 1 - 2 * speaker], 1) + 0.3 * torch.randn(64, 2, generator=seeded())
    generator = seeded(1)
    for _ in range(80):
        noise = torch.randn(64, 8, 3, generator=generator)
        z = noise + 2 * speaker[:, None] if where == "mean" else noise * (0.5 + 2 * speaker[:, None])
        terms = critic(codes_of(s), codes_of(z))
        optimiser.zero_grad()
        (-terms["mi_cross_fit"]).backward()
        optimiser.step()
    assert terms["mi_cross"] > 0.5 * math.log(2)
    forgot = critic(codes_of(s), codes_of(torch.randn(64, 8, 3, generator=generator)))["mi_cross"]
    assert forgot < 0.5 * terms["mi_cross"]


def test_the_frame_critic_comes_near_the_true_bound() -> None:
    torch.manual_seed(0)
    critic = Club(1, 1, num_hidden=32)
    optimiser = torch.optim.Adam(critic.parameters(), 0.02)
    s, z = correlated(0.8, 512, 1)
    for _ in range(100):
        terms = critic(codes_of(s), codes_of(z.unsqueeze(1)))
        optimiser.zero_grad()
        (-terms["mi_cross_fit"]).backward()
        optimiser.step()
    assert terms["mi_cross"].item() == pytest.approx(0.8**2 / (1 - 0.8**2), abs=0.4)
    assert terms["mi_cross"] > -0.5 * math.log(1 - 0.8**2)


def test_a_trajectory_reader_takes_any_length() -> None:
    reader = TrajectoryReader(4, 8, 3, 6)
    for num_frames in (1, 5, 40):
        assert reader(torch.randn(2, num_frames, 4)).mean.shape == (2, 6)


@pytest.mark.slow
def test_it_compiles_into_one_graph(samples: tuple[Tensor, Tensor]) -> None:
    critic = SequenceClub(6, 4, num_hidden=8, num_layers=1)
    static, dynamic = (codes_of(sample) for sample in samples)
    compiled = torch.compile(critic, backend="aot_eager", fullgraph=True)
    terms, expected = compiled(static, dynamic), critic(static, dynamic)
    torch.testing.assert_close(terms, expected)
    (terms["mi_cross"] - terms["mi_cross_fit"]).backward()
    assert all(weight.grad is not None for weight in critic.parameters())
