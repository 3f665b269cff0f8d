"""DBSE's posteriors: s hears the first frame alone, z hears differences alone."""

import pytest
import torch

from vcdisent.batches import Keyed
from vcdisent.model.single_frame_posterior import DifferencePosterior, SingleFramePosterior


@pytest.fixture
def codes() -> torch.Tensor:
    """Codes of three sequences of 7 frames."""
    return torch.randn(3, 7, 6, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def dynamic() -> DifferencePosterior:
    """A posterior of two dimensions."""
    torch.manual_seed(0)
    return DifferencePosterior(num_inputs=6, num_hidden=5, dynamic_size=2)


def test_s_does_not_change_with_the_frames_after_the_first(codes: torch.Tensor) -> None:
    posterior = SingleFramePosterior(num_inputs=6, num_hidden=5, static_size=4)
    static = posterior(codes)
    assert static.mean.shape == static.log_variance.shape == (3, 4)
    rest = torch.cat([codes[:, :1], 9 * codes[:, 1:].flip(1)], dim=1)
    assert torch.equal(posterior(rest).mean, static.mean)
    assert torch.equal(posterior(rest[:, :1], torch.ones(3)).log_variance, static.log_variance)
    assert not torch.allclose(posterior(codes.flip(1)).mean, static.mean)


def test_z_does_not_change_with_what_all_frames_have_in_common(
    codes: torch.Tensor, dynamic: DifferencePosterior, keyed: Keyed
) -> None:
    common = 5 * torch.randn(3, 1, 6, generator=torch.Generator().manual_seed(5))
    for normal in (None, keyed.normal):
        torch.testing.assert_close(
            dynamic(codes + common, None, normal).mean, dynamic(codes, None, normal).mean, atol=1e-5, rtol=1e-5
        )
    assert not torch.allclose(dynamic(2 * codes).mean, dynamic(codes).mean)


def test_noise_stands_for_the_first_frame(codes: torch.Tensor, dynamic: DifferencePosterior, keyed: Keyed) -> None:
    noisy = dynamic(codes, None, keyed.normal).mean
    assert torch.equal(noisy, dynamic(codes, None, keyed.normal).mean)
    silent = dynamic(codes, None, lambda _, shape: torch.zeros(shape)).mean
    assert torch.equal(silent, dynamic(codes).mean)
    assert not torch.allclose(noisy, silent)


def test_padding_is_not_heard(codes: torch.Tensor, dynamic: DifferencePosterior) -> None:
    lengths = torch.tensor([7, 4, 5])
    padded = dynamic(codes, lengths).mean
    torch.testing.assert_close(padded[1, :4], dynamic(codes[1:2, :4]).mean[0], atol=1e-5, rtol=1e-5)
