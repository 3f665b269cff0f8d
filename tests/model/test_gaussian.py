"""Diagonal Gaussians against torch.distributions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from vcdisent.model.gaussian import Gaussian, GaussianHead

VALUES = st.lists(st.floats(-8, 8, width=32), min_size=3, max_size=3).map(torch.tensor)


def as_torch(gaussian: Gaussian) -> Normal:
    return Normal(gaussian.mean, (0.5 * gaussian.log_variance).exp())


def draw(seed: int) -> Gaussian:
    generator = torch.Generator().manual_seed(seed)
    return Gaussian(torch.randn(2, 5, generator=generator), torch.randn(2, 5, generator=generator))


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES, VALUES, VALUES)
def test_kl_is_never_negative(mean, log_variance, other_mean, other_log_variance) -> None:
    kl = Gaussian(mean, log_variance).kl(Gaussian(other_mean, other_log_variance))
    assert (kl >= -1e-6).all()  # rounding in float32


@settings(max_examples=30, deadline=None)
@given(VALUES, VALUES)
def test_kl_to_itself_is_zero(mean, log_variance) -> None:
    gaussian = Gaussian(mean, log_variance)
    assert (gaussian.kl(gaussian) == 0).all()


def test_kl_and_log_density_are_those_of_torch() -> None:
    one, other, value = draw(0), draw(1), draw(2).mean
    torch.testing.assert_close(one.kl(other), kl_divergence(as_torch(one), as_torch(other)))
    torch.testing.assert_close(one.kl_standard(), kl_divergence(as_torch(one), Normal(0.0, 1.0)))
    torch.testing.assert_close(one.log_prob(value), as_torch(one).log_prob(value))


def test_samples_have_the_mean_and_variance() -> None:
    gaussian = Gaussian(torch.tensor([1.0, -2.0]), torch.tensor([0.0, 2.0]))
    samples = gaussian.sample(torch.randn(20000, 2, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(samples.mean(0), gaussian.mean, atol=0.07, rtol=0)
    torch.testing.assert_close(samples.var(0).log(), gaussian.log_variance, atol=0.05, rtol=0)


def test_gradients_go_through_a_sample() -> None:
    gaussian = Gaussian(torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True))
    noise = torch.tensor([0.5, -1.0, 2.0])
    gaussian.sample(noise).sum().backward()
    torch.testing.assert_close(gaussian.mean.grad, torch.ones(3))
    torch.testing.assert_close(gaussian.log_variance.grad, noise / 2)


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_a_head_keeps_variances_safe(scale: float) -> None:
    torch.manual_seed(0)
    gaussian = GaussianHead(4, 3)(scale * torch.randn(50, 4))
    assert gaussian.mean.shape == gaussian.log_variance.shape == (50, 3)
    assert gaussian.log_variance.abs().max() <= 10
    assert gaussian.kl_standard().isfinite().all()


def test_a_head_answers_in_full_precision() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        gaussian = GaussianHead(4, 3)(torch.randn(2, 4))
    assert gaussian.mean.dtype == gaussian.log_variance.dtype == torch.float32
