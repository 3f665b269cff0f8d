"""The dynamic prior: one fused pass says what a loop over time would."""

import pytest
import torch
from torch import Tensor

from vcdisent.batches import Keyed
from vcdisent.model.prior import LSTMPrior


@pytest.fixture
def prior() -> LSTMPrior:
    torch.manual_seed(0)
    return LSTMPrior(4, num_hidden=8)


@pytest.fixture
def dynamic() -> Tensor:
    return torch.randn(3, 9, 4, generator=torch.Generator().manual_seed(1))


def test_the_fused_pass_is_the_loop(prior: LSTMPrior, dynamic: Tensor) -> None:
    z, state = torch.zeros(3, 1, 4), None
    means, log_variances = [], []
    for step in range(9):
        output, state = prior.lstm(z, state)
        gaussian = prior.head(output)
        means.append(gaussian.mean)
        log_variances.append(gaussian.log_variance)
        z = dynamic[:, step : step + 1]
    fused = prior(dynamic)
    torch.testing.assert_close(fused.mean, torch.cat(means, 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(fused.log_variance, torch.cat(log_variances, 1), atol=1e-5, rtol=0)


def test_the_first_step_sees_a_zero_and_nothing_else(prior: LSTMPrior, dynamic: Tensor) -> None:
    of_zero = prior.head(prior.lstm(torch.zeros(1, 1, 4))[0])
    first = prior(dynamic).mean[:, 0]
    torch.testing.assert_close(first, of_zero.mean[:, 0].expand(3, -1), atol=1e-6, rtol=0)
    torch.testing.assert_close(prior(dynamic[:, :1]).mean[:, 0], first, atol=1e-6, rtol=0)


def test_a_step_is_predicted_from_those_before_it(prior: LSTMPrior, dynamic: Tensor) -> None:
    changed = dynamic.clone()
    changed[:, 4] += 1
    before, after = prior(dynamic).mean, prior(changed).mean
    torch.testing.assert_close(before[:, :5], after[:, :5], atol=0, rtol=0)
    assert (before[:, 5:] - after[:, 5:]).abs().amax(dim=(0, 2)).min() > 0


def test_samples_follow_the_prior_step_by_step(prior: LSTMPrior, keyed: Keyed) -> None:
    z = prior.sample(3, 9, keyed.normal)
    assert z.shape == (3, 9, 4)
    torch.testing.assert_close(prior(z).sample(keyed.normal("prior", (3, 9, 4))), z, atol=1e-5, rtol=1e-5)


def test_the_same_noise_gives_the_same_samples(prior: LSTMPrior, keyed: Keyed) -> None:
    z = prior.sample(2, 5, keyed.normal)
    assert torch.equal(z, prior.sample(2, 5, keyed.normal))
    assert not torch.equal(z, prior.sample(2, 5, Keyed(1, 0, torch.device("cpu")).normal))
    assert not z.requires_grad
