"""The covariance of one voice's frames brought to that of another's."""

import pytest
import torch

from vcdisent.conversion.covariance import FURTHEST, CovarianceMap, covariance, transport, vouched

SIZE = 6


def mixture(seed: int) -> torch.Tensor:
    """A matrix (F, F) that mixes bins, well conditioned."""
    return torch.eye(SIZE) + 0.4 * torch.randn(SIZE, SIZE, generator=torch.Generator().manual_seed(seed))


def speech(seed: int, num_frames: int = 4000) -> torch.Tensor:
    """Frames (T, F) whose bins rise and fall together, about a mean of 1."""
    return 1 + torch.randn(num_frames, SIZE, generator=torch.Generator().manual_seed(seed)) @ mixture(seed)


def test_transport_takes_one_covariance_to_the_other():
    own, wanted = covariance(speech(0).double()), covariance(speech(1).double())
    matrix = transport(own, wanted)
    torch.testing.assert_close(matrix @ own @ matrix, wanted)
    torch.testing.assert_close(matrix, matrix.T)
    assert torch.linalg.eigvalsh(matrix).min() > 0


def test_transport_of_variances_alone_scales_each():
    own, wanted = torch.tensor([1.0, 4.0, 9.0]).double(), torch.tensor([4.0, 1.0, 9.0]).double()
    torch.testing.assert_close(transport(own.diag(), wanted.diag()), (wanted / own).sqrt().diag())


def test_frames_get_the_covariance_and_keep_their_mean():
    x, y = speech(0), speech(1) + 5
    got = x + CovarianceMap.between(x, y, 1.0)(x)
    torch.testing.assert_close(got.mean(0), x.mean(0), atol=1e-4, rtol=0)
    before, after = ((covariance(frames) - covariance(y)).norm() for frames in (x, got))
    assert after < 0.15 * before  # what lies beyond the outermost levels is moved as those are


def test_half_the_way_twice_is_the_whole_way():
    x, y = speech(0), speech(1)
    whole, half = (CovarianceMap.between(x, y, how_far).change for how_far in (1.0, 0.5))
    torch.testing.assert_close(half + half + half @ half, whole)
    assert CovarianceMap.between(x, y, 0.0)(x).abs().max() < 1e-6


def test_past_the_target_no_shape_is_turned_round():
    x, y = speech(0), 0.1 * speech(1)
    past = CovarianceMap.between(x, y, 2.0).change + torch.eye(SIZE)
    assert torch.linalg.eigvalsh(past).min() > 0


@pytest.mark.parametrize(("fewer", "more"), [((100, 1000), (1000, 1000)), ((1000, 100), (1000, 1000))])
def test_one_goes_further_the_more_is_known_of_both(fewer, more):
    assert 0 < vouched(*fewer) < vouched(*more) < FURTHEST


def test_beyond_the_outermost_levels_what_is_put_in_stays_the_same():
    x = speech(0)
    change = CovarianceMap.between(x, speech(1), 1.0)
    torch.testing.assert_close(change(torch.full((1, SIZE), -40.0)), change(torch.full((1, SIZE), -80.0)))


def test_the_same_voice_stays():
    x = speech(0)
    assert CovarianceMap.between(x, x + 3, 1.0)(x).abs().max() < 1e-4


@pytest.mark.parametrize("num_frames", [1, 2, 5])
def test_of_few_frames_little_is_believed(num_frames):
    """Their own covariance is singular: followed, it would flatten all others."""
    x, y = speech(0), speech(1, num_frames)
    got = x + CovarianceMap.between(x, y, 1.0)(x)
    assert got.isfinite().all() and (got.std(0) > 0.5 * x.std(0)).all()


def test_frames_that_never_change_are_no_trouble():
    x = torch.ones(100, SIZE)
    assert CovarianceMap.between(x, speech(1), 1.0)(x).abs().max() < 1e-4
    assert CovarianceMap.between(speech(1), x, 1.0)(speech(1)).isfinite().all()


def test_fine_shapes_are_left_alone():
    """Harmonics are finer than what tells where a resonance lies."""
    alternating = torch.tensor([1.0, -1.0]).repeat(100)
    generator = torch.Generator().manual_seed(0)
    smooth = torch.linspace(-1, 1, 200)
    x = torch.randn(2000, 1, generator=generator) * smooth + torch.randn(2000, 1, generator=generator) * alternating
    y = 2 * torch.randn(2000, 1, generator=generator) * smooth
    moved = CovarianceMap.between(x, y, 1.0)(x)
    assert (moved @ alternating).std() < 0.02 * (x @ alternating).std()
    assert (moved @ smooth).std() > 0.9 * (x @ smooth).std()
