"""Terms of the bound against torch.distributions."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.elbo import kl_dynamic, kl_static, log_likelihood


@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 4, 1, 6, 6)])  # audio, video
def test_log_likelihood_is_a_unit_gaussians_less_its_constant(shape: tuple[int, ...]) -> None:
    x, decoded = torch.randn(shape), torch.randn(shape)
    density = Normal(decoded, 1.0).log_prob(x).flatten(1).sum(1).mean()
    constant = -0.5 * math.log(2 * math.pi) * math.prod(shape[1:])
    torch.testing.assert_close(log_likelihood(x, decoded), density - constant)
    assert log_likelihood(x, x) == 0


def test_kl_static_is_summed_over_dimensions_and_averaged_over_the_batch() -> None:
    static = Gaussian(torch.randn(3, 6), torch.randn(3, 6))
    theirs = kl_divergence(Normal(static.mean, (0.5 * static.log_variance).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(kl_static(static), theirs.sum() / 3)
    assert kl_static(Gaussian(torch.zeros(3, 6), torch.zeros(3, 6))) == 0


def test_kl_dynamic_is_summed_over_time_too() -> None:
    dynamic, prior = (Gaussian(torch.randn(3, 7, 4), torch.randn(3, 7, 4)) for _ in range(2))
    theirs = kl_divergence(*(Normal(g.mean, (0.5 * g.log_variance).exp()) for g in (dynamic, prior)))
    torch.testing.assert_close(kl_dynamic(dynamic, prior), theirs.sum() / 3)
    assert kl_dynamic(dynamic, dynamic) == 0


def test_context_is_left_out_of_kl_dynamic() -> None:
    dynamic, prior = (Gaussian(torch.randn(3, 7, 4), torch.randn(3, 7, 4)) for _ in range(2))
    per_frame = dynamic.kl(prior).sum(2).mean(0)
    for context_frames in (0, 1, 5):
        torch.testing.assert_close(kl_dynamic(dynamic, prior, context_frames), per_frame[context_frames:].sum())
