"""R-WAE: the maximum mean discrepancy against known values, and the penalties of the codes."""

import itertools
from collections.abc import Callable

import pytest
import torch

from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.rwae import SCALES, SIGNS, RWAEObjective, discrepancy


def kernel(squared_distance: float, spread: float) -> float:
    """The sum of inverse multiquadratics of a squared distance where draws are `spread` apart, squared, on average."""
    return sum(spread * scale / (spread * scale + squared_distance) for scale in SCALES)


def normal(*shape: int) -> torch.Tensor:
    """Standard normal numbers, always the same."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


def test_the_same_points_have_no_discrepancy() -> None:
    codes = normal(7, 9, 3)
    torch.testing.assert_close(discrepancy(codes, codes), torch.zeros(7), atol=1e-6, rtol=0)


@pytest.mark.parametrize("distance", [0.5, 2.0, 30.0])
def test_a_heap_between_two_draws_is_as_far_from_them_as_the_kernel_says(distance: float) -> None:
    codes, draws = torch.zeros(2, 3), torch.tensor([[distance, 0.0, 0.0], [-distance, 0.0, 0.0]])
    spread = 4 * distance**2
    expected = kernel(0.0, spread) + kernel(spread, spread) - 2 * kernel(distance**2, spread)
    torch.testing.assert_close(discrepancy(codes, draws), torch.tensor(expected), atol=1e-5, rtol=1e-5)


def test_codes_and_draws_that_grow_together_are_as_far_apart_as_before() -> None:
    codes, draws = normal(2, 8, 3)
    torch.testing.assert_close(discrepancy(50 * codes, 50 * draws), discrepancy(codes, draws), atol=1e-5, rtol=1e-4)


def test_the_kernel_is_that_of_a_standard_normal_prior() -> None:
    """There two draws are 2 D apart, squared, on average, which is what WAE-MMD divides by."""
    draws = normal(500, 4)
    apart = torch.tensor([3.0, 0.0, 0.0, 0.0])
    points = draws + apart
    difference = discrepancy(points, draws)
    squared = torch.cdist(torch.cat([points, draws]), torch.cat([points, draws])).square()
    of_wae = sum(8 * scale / (8 * scale + squared) for scale in SCALES) * (1 - torch.eye(1000))
    across = of_wae[:500, 500:] * (1 - torch.eye(500))
    expected = (of_wae[:500, :500].sum() + of_wae[500:, 500:].sum() - 2 * across.sum()) / (500 * 499)
    torch.testing.assert_close(difference, expected, atol=0, rtol=0.02)


def test_it_is_the_double_sum_over_different_indices() -> None:
    codes, draws = normal(2, 5, 3)
    spread = float((draws.unsqueeze(0) - draws.unsqueeze(1)).square().sum() / 20)
    total = 0.0
    for i, j in itertools.permutations(range(5), 2):
        pairs = (codes[i], codes[j], 1), (draws[i], draws[j], 1), (codes[i], draws[j], -1), (draws[i], codes[j], -1)
        total += sum(sign * kernel(float((a - b).square().sum()), spread) for a, b, sign in pairs)
    torch.testing.assert_close(discrepancy(codes, draws), torch.tensor(total / 20), atol=1e-5, rtol=1e-5)


def test_it_is_unbiased_and_grows_with_a_shift_and_with_a_stretch() -> None:
    codes, draws = normal(2, 2000, 16, 4)
    same = discrepancy(codes, draws)
    assert abs(same.mean()) < 4 * same.std() / 2000**0.5
    shifted = [discrepancy(codes + shift, draws).mean() for shift in (0.0, 0.3, 0.6, 1.2)]
    stretched = [discrepancy(codes * factor, draws).mean() for factor in (1.0, 1.5, 2.5)]
    narrow = [discrepancy(codes * factor, draws).mean() for factor in (1.0, 0.6, 0.2)]
    for growing in (shifted, stretched, narrow):
        assert growing == sorted(growing) and growing[1] > 0.01


def test_its_gradient_brings_codes_to_the_draws() -> None:
    codes = (normal(64, 3) + 1.0).requires_grad_()
    discrepancy(codes, normal(64, 3)).backward()
    assert (codes.grad.mean(0) > 0).all()


def test_each_term_is_that_of_the_codes(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model, noise = make_model(), batch.keyed.normal
    terms = RWAEObjective(dict.fromkeys(SIGNS, 1.0))(model, batch)
    posterior = model.encode(batch.x)
    s, z = posterior.static.sample(noise("static", (5, 6))), posterior.dynamic.sample(noise("dynamic", (5, 8, 4)))
    torch.testing.assert_close(terms["mmd_static"], discrepancy(s, noise("prior_static", (5, 6))))
    drawn = model.prior(z).sample(noise("prior_dynamic", (5, 8, 4)))
    steps = [discrepancy(z[:, step], drawn[:, step]) for step in range(8)]
    torch.testing.assert_close(terms["mmd_dynamic"], torch.stack(steps).sum(), atol=1e-5, rtol=1e-5)
