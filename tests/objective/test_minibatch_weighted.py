"""Minibatch-weighted estimates where the truth is known, and at their cap."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.codes import Codes
from vcdisent.objective.minibatch_weighted import (
    MinibatchWeighted,
    cross_information,
    log_aggregated,
    log_density_matrix,
    sequence_information,
)

NARROW = -9.0


def with_sample(mean: Tensor, log_variance: float, generator: torch.Generator) -> tuple[Gaussian, Tensor]:
    gaussian = Gaussian(mean, torch.full_like(mean, log_variance))
    return gaussian, gaussian.sample(torch.randn(mean.shape, generator=generator))


def over_time(mean: Tensor, num_frames: int = 3) -> Tensor:
    return mean.unsqueeze(1).expand(-1, num_frames, -1)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_each_sample_is_scored_under_each_sequence(generator: torch.Generator) -> None:
    posterior, samples = with_sample(torch.randn(3, 4, 2, generator=generator), 0.3, generator)
    densities = log_density_matrix(posterior, samples)
    assert densities.shape == (3, 3, 4)
    under_2 = torch.distributions.Normal(posterior.mean[2], (0.5 * posterior.log_variance[2]).exp())
    torch.testing.assert_close(densities[1, 2], under_2.log_prob(samples[1]).sum(-1))


@pytest.mark.parametrize("shape", [(7, 5), (7, 3, 5)])
@pytest.mark.parametrize("log_variance", [-10.0, NARROW, 0.0, 10.0])
def test_the_product_of_matrices_is_the_density(
    shape: tuple[int, ...], log_variance: float, generator: torch.Generator
) -> None:
    posterior, samples = with_sample(4 + 2 * torch.randn(shape, generator=generator), log_variance, generator)
    every = Gaussian(posterior.mean.double().unsqueeze(0), posterior.log_variance.double().unsqueeze(0))
    by_elements = every.log_prob(samples.double().unsqueeze(1)).sum(-1)
    torch.testing.assert_close(log_density_matrix(posterior, samples).double(), by_elements, atol=1e-3, rtol=1e-6)


def test_gradients_of_the_product_are_those_of_the_density(generator: torch.Generator) -> None:
    mean, log_variance, value = (torch.randn(4, 3, 2, generator=generator).requires_grad_() for _ in range(3))
    log_density_matrix(Gaussian(mean, log_variance), value).sin().sum().backward()
    gradients = [x.grad for x in (mean, log_variance, value)]
    every = Gaussian(mean.unsqueeze(0), log_variance.unsqueeze(0))
    expected = torch.autograd.grad(every.log_prob(value.unsqueeze(1)).sum(-1).sin().sum(), (mean, log_variance, value))
    torch.testing.assert_close(gradients, list(expected), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("spread", "width", "num_dimensions"), [(1.0, 2.0, 1), (1.0, 0.5, 2), (4.0, 1.0, 2)])
def test_static_information_is_the_true_one_below_the_cap(
    spread: float, width: float, num_dimensions: int, generator: torch.Generator
) -> None:
    truth = 0.5 * num_dimensions * math.log(1 + spread / width)  # 0.20, 1.10 and 1.61 nats; log B is 5.5
    readings = []
    for _ in range(6):
        mean = math.sqrt(spread) * torch.randn(256, num_dimensions, generator=generator)
        readings.append(sequence_information(*with_sample(mean, math.log(width), generator)))
    assert torch.stack(readings).mean().item() == pytest.approx(truth, abs=0.08)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 12), log_variance=st.floats(-10, 10), scale=st.floats(0, 20), seed=st.integers(0, 1000))
def test_nothing_is_above_the_cap(size: int, log_variance: float, scale: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    static, s = with_sample(scale * torch.randn(size, 3, generator=generator), log_variance, generator)
    dynamic, z = with_sample(scale * torch.randn(size, 4, 2, generator=generator), log_variance, generator)
    cap = math.log(size) + 1e-3
    assert sequence_information(static, s) <= cap
    assert cross_information(static, s, dynamic, z) <= cap


def test_narrow_posteriors_sit_at_the_cap_without_a_gradient(generator: torch.Generator) -> None:
    static, s = with_sample(torch.randn(16, 8, generator=generator), NARROW, generator)
    mean = static.mean.clone().requires_grad_()
    information = sequence_information(Gaussian(mean, static.log_variance), s - static.mean + mean)
    information.backward()
    assert information.item() == pytest.approx(math.log(16), abs=1e-4)
    assert mean.grad.abs().max() < 1e-5


def test_wider_posteriors_have_a_gradient_that_spreads_them(generator: torch.Generator) -> None:
    mean = torch.randn(16, 8, generator=generator).mul(0.3).requires_grad_()
    posterior = Gaussian(mean, torch.zeros(16, 8))
    sequence_information(posterior, posterior.sample(torch.randn(16, 8, generator=generator))).backward()
    assert (mean.grad * (mean - mean.mean(0))).sum() > 0.1


@pytest.mark.parametrize("log_variance", [NARROW, 0.0])
def test_independent_codes_share_nothing(log_variance: float, generator: torch.Generator) -> None:
    values = torch.linspace(-4, 4, 16)
    s_mean, z_mean = torch.cartesian_prod(values, values).split(1, dim=1)  # every speaker says every word
    static, s = with_sample(s_mean, log_variance, generator)
    dynamic, z = with_sample(over_time(z_mean), log_variance, generator)
    assert cross_information(static, s, dynamic, z).item() == pytest.approx(0, abs=0.02)


def test_codes_that_tell_the_same_four_things_share_log_four(generator: torch.Generator) -> None:
    which = (torch.arange(64) % 4).float().unsqueeze(1)
    static, s = with_sample(which, NARROW, generator)
    dynamic, z = with_sample(over_time(-which), NARROW, generator)
    assert cross_information(static, s, dynamic, z).item() == pytest.approx(math.log(4), abs=1e-3)


def test_codes_that_tell_all_sequences_apart_sit_at_the_cap(generator: torch.Generator) -> None:
    static, s = with_sample(torch.randn(16, 8, generator=generator), NARROW, generator)
    dynamic, z = with_sample(torch.randn(16, 3, 8, generator=generator), NARROW, generator)
    assert cross_information(static, s, dynamic, z).item() == pytest.approx(math.log(16), abs=1e-3)


def test_time_is_averaged_over(generator: torch.Generator) -> None:
    static, s = with_sample(torch.randn(6, 2, generator=generator), 0.0, generator)
    dynamic, z = with_sample(torch.randn(6, 4, 3, generator=generator), 0.0, generator)
    frames = [
        cross_information(static, s, Gaussian(mean, log_variance), sample)
        for mean, log_variance, sample in zip(
            *(values.split(1, dim=1) for values in (dynamic.mean, dynamic.log_variance, z)), strict=True
        )
    ]
    torch.testing.assert_close(cross_information(static, s, dynamic, z), torch.stack(frames).mean())


def test_few_narrow_frames_are_read_and_whole_trajectories_sit_at_the_cap(generator: torch.Generator) -> None:
    """The truth grows with T, 0.14 nats a dimension and frame: past log B the estimate stops, its gradient with it."""
    readings, slopes = [], []
    for num_frames in (1, 4, 400):
        mean = torch.randn(256, num_frames, 4, generator=generator).requires_grad_()
        posterior = Gaussian(mean, torch.full_like(mean, math.log(3.0)))
        reading = sequence_information(posterior, posterior.sample(torch.randn(mean.shape, generator=generator)))
        reading.backward()
        readings.append(reading.item())
        slopes.append(mean.grad.abs().max().item())
    assert readings[0] == pytest.approx(4 * 0.5 * math.log(4 / 3), abs=0.15)
    assert readings[0] < readings[1] < math.log(256) - 0.5
    assert readings[2] == pytest.approx(math.log(256), abs=1e-3)
    assert slopes[2] < 1e-4 < 1e-3 < slopes[0]


def test_a_trajectory_is_one_code(generator: torch.Generator) -> None:
    dynamic, z = with_sample(torch.randn(6, 3, 2, generator=generator), 0.0, generator)
    flat = Gaussian(dynamic.mean.flatten(1), dynamic.log_variance.flatten(1))
    estimator = MinibatchWeighted()
    torch.testing.assert_close(estimator(Codes(dynamic, z)), estimator(Codes(flat, z.flatten(1))))
    assert not estimator.needs_view


def test_stratified_weights_give_the_aggregated_posterior_over_all_batches(generator: torch.Generator) -> None:
    """Of a data set of 5, every batch of 3 that holds a given sequence: densities of its code average to q(z)."""
    posterior, z = with_sample(torch.randn(5, 2, generator=generator), 0.0, generator)
    densities = log_density_matrix(posterior, z)
    batches = ([0, *others] for others in itertools.combinations(range(1, 5), 2))
    estimates = [log_aggregated(densities[rows][:, rows], 5).exp()[0] for rows in batches]
    torch.testing.assert_close(torch.stack(estimates).mean(), densities.exp().mean(1)[0])


@pytest.mark.parametrize("dataset_size", [16, 1000])
def test_the_size_of_the_data_set_is_the_cap(dataset_size: int, generator: torch.Generator) -> None:
    posterior, z = with_sample(torch.randn(16, 8, generator=generator), NARROW, generator)
    reading = MinibatchWeighted(dataset_size)(Codes(posterior, z))
    assert reading.item() == pytest.approx(math.log(dataset_size), abs=1e-3)


def test_a_data_set_of_the_size_of_the_batch_changes_nothing(generator: torch.Generator) -> None:
    posterior, z = with_sample(torch.randn(16, 3, generator=generator), 0.0, generator)
    torch.testing.assert_close(sequence_information(posterior, z, 16), sequence_information(posterior, z))
    with pytest.raises(InputError, match="dataset_size=0"):
        MinibatchWeighted(0)
