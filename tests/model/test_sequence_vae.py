"""The sequential VAE as a whole: encode, decode, sample, swap."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vcdisent.batches import Keyed
from vcdisent.model.sequence_vae import SequenceVAE

POSTERIORS = ["BidirectionalPosterior", "AutoregressivePosterior"]


@pytest.fixture(params=POSTERIORS)
def model(request: pytest.FixtureRequest, make_model: Callable[..., SequenceVAE]) -> SequenceVAE:
    return make_model(request.param)


@pytest.fixture
def x() -> Tensor:
    return torch.randn(2, 8, 12, generator=torch.Generator().manual_seed(3))


def test_codes_have_the_shapes_of_the_contract(model: SequenceVAE, x: Tensor) -> None:
    posterior = model.encode(x)
    assert posterior.static.mean.shape == posterior.static.log_variance.shape == (2, 6)
    assert posterior.dynamic.mean.shape == posterior.dynamic.log_variance.shape == (2, 8, 4)
    assert model.decode(posterior.static.mean, posterior.dynamic.mean).shape == x.shape


def test_padding_never_changes_a_posterior(model: SequenceVAE, x: Tensor) -> None:
    padded = x.clone()
    padded[1, 5:] = 100.0
    together, alone = model.encode(padded, torch.tensor([8, 5])), model.encode(x[1:, :5])
    torch.testing.assert_close(together.static.mean[1:], alone.static.mean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(together.dynamic.mean[1:, :5], alone.dynamic.mean, atol=1e-5, rtol=1e-5)


def test_noise_reaches_the_autoregressive_posterior_alone(model: SequenceVAE, x: Tensor, keyed: Keyed) -> None:
    by_means, by_samples = model.encode(x).dynamic.mean, model.encode(x, normal=keyed.normal).dynamic.mean
    assert torch.equal(by_means, by_samples) != model.dynamic_posterior.feeds_back


def test_each_frame_is_decoded_from_s_and_its_own_z(model: SequenceVAE) -> None:
    static, dynamic = torch.randn(2, 6), torch.randn(2, 8, 4)
    changed = dynamic.clone()
    changed[:, 3] += 1
    before, after = model.decode(static, dynamic), model.decode(static, changed)
    differs = (before != after).any(dim=2)
    assert differs.tolist() == [[False] * 3 + [True] + [False] * 4] * 2
    assert (model.decode(static + 1, dynamic) != before).any(dim=2).all()


def test_swapping_with_itself_is_reconstruction(model: SequenceVAE, x: Tensor) -> None:
    posterior = model.encode(x)
    reconstruction = model.decode(posterior.static.mean, posterior.dynamic.mean)
    for swapped in model.swap(x, x):
        torch.testing.assert_close(swapped, reconstruction)


def test_a_swap_takes_s_from_the_other(model: SequenceVAE, x: Tensor) -> None:
    a, b = x[:1], x[1:]
    of_a, of_b = model.encode(a), model.encode(b)
    first, second = model.swap(a, b)
    torch.testing.assert_close(first, model.decode(of_b.static.mean, of_a.dynamic.mean))
    torch.testing.assert_close(second, model.decode(of_a.static.mean, of_b.dynamic.mean))
    assert not first.requires_grad


def test_samples_are_decoded_from_both_priors(model: SequenceVAE, keyed: Keyed) -> None:
    sample = model.sample(3, 5, keyed.normal)
    static = keyed.normal("prior_static", (3, 6))
    torch.testing.assert_close(sample, model.decode(static, model.prior.sample(3, 5, keyed.normal)))
    assert sample.shape == (3, 5, 12)
    assert not sample.requires_grad
