"""What conversion changes in a source's frames, way by way."""

import pytest
import torch
from torch import nn

from vcdisent.conversion.change import Change
from vcdisent.conversion.memory import Memory
from vcdisent.conversion.voice import Voice
from vcdisent.conversion.ways import Ways
from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import Posterior, SequenceVAE

NOTHING = {"strength": 1.0, "matching": 0.0, "covariance": 0.0, "variance": 0.0, "retrieval": 0.0}
SIZE = 6
HOP_MS = 1000.0  # so long that nothing is averaged over time


class AddsStatic(SequenceVAE):
    """z is the first two bins; the decoder says nothing but s."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.segment_frames = 20

    def encode(self, x, lengths=None, normal=None):
        static, dynamic = x.mean(1), x[..., :2]
        return Posterior(Gaussian(static, torch.zeros_like(static)), Gaussian(dynamic, torch.zeros_like(dynamic)))

    def decode(self, static, dynamic):
        return static.unsqueeze(1).expand(-1, dynamic.shape[1], -1)


def speech(seed: int, mean: float = 0.0, deviation: float = 1.0) -> torch.Tensor:
    """Frames (400, F)."""
    return mean + deviation * torch.randn(400, SIZE, generator=torch.Generator().manual_seed(seed))


def voice(x: torch.Tensor, static: float = 0.0) -> Voice:
    return Voice(torch.full((SIZE,), static), Memory(x[:, :2], x), None)


def changed(x: torch.Tensor, target: Voice, **ways: float) -> torch.Tensor:
    return Change(AddsStatic(), voice(x), target, Ways(**{**NOTHING, **ways}), HOP_MS)(x)


def test_strength_times_the_decoders_difference_is_put_in():
    x, target = speech(0), voice(speech(1), static=0.5)
    torch.testing.assert_close(changed(x, target, strength=2.0), x + 1.0)


def test_matching_gives_the_mean_whatever_was_decoded():
    x, y = speech(0), speech(1, mean=3.0)
    got = changed(x, voice(y, static=0.5), matching=1.0)
    torch.testing.assert_close(got.mean(0), y.mean(0), atol=0.05, rtol=0)
    torch.testing.assert_close(got.std(0), x.std(0))
    halfway = changed(x, voice(y, static=0.5), strength=0.5, matching=1.0).mean(0)
    torch.testing.assert_close(halfway, (x.mean(0) + y.mean(0)) / 2, atol=0.05, rtol=0)


@pytest.mark.parametrize("deviation", [0.4, 0.9, 1.5])
def test_variance_gives_the_deviation_and_leaves_the_mean(deviation):
    x, y = speech(0), speech(1, mean=3.0, deviation=deviation)
    got = changed(x, voice(y), variance=1.0)
    torch.testing.assert_close(got.std(0), y.std(0), atol=0.12, rtol=0)
    torch.testing.assert_close(got.mean(0), x.mean(0), atol=1e-4, rtol=0)


def test_both_give_the_distribution_with_its_tails():
    """The target is loud in a tenth of its frames: a mean and a deviation would not say so."""
    x, y = speech(0), speech(1)
    y[::10] += 8.0
    got = changed(x, voice(y), matching=1.0, variance=1.0)
    shares = torch.tensor([0.1, 0.5, 0.9])
    torch.testing.assert_close(got.quantile(shares, dim=0), y.quantile(shares, dim=0), atol=0.1, rtol=0)


@pytest.mark.parametrize("covariance", [0.0, 1.0])
def test_pauses_are_moved_as_soft_speech_is(covariance):
    x = speech(0)
    target = voice(1.5 * x)
    source = voice(x)
    frames = torch.cat([x, torch.full((10, SIZE), -40.0)])
    change = Change(
        AddsStatic(), source, target, Ways(**{**NOTHING, "covariance": covariance, "variance": 1.0}), HOP_MS
    )
    moved = change(frames) - frames
    assert moved[-10:].abs().max() <= 0.5 * x.quantile(0.02, dim=0).abs().max() + 0.2


def test_retrieval_puts_in_what_the_target_says_the_same_with():
    """The target is louder by 2 in the last bin where the first is above 0, and by nothing elsewhere."""
    x, y = speech(0), speech(1)
    y[:, -1] += 2.0 * (y[:, 0] > 0)
    change = changed(x, voice(y), retrieval=1.0) - x
    high, low = x[:, 0] > 0.5, x[:, 0] < -0.5
    assert change[high, -1].mean() > 1.5 and change[low, -1].mean() < 0.5
    torch.testing.assert_close(changed(x, voice(y), retrieval=0.5) - x, change / 2)


def test_with_no_strength_nothing_changes():
    x = speech(0)
    target = voice(speech(1, mean=3.0, deviation=1.3), static=0.5)
    torch.testing.assert_close(
        changed(x, target, strength=0.0, matching=1.0, covariance=1.0, variance=1.0, retrieval=1.0), x
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("strength", 4.1), ("matching", 1.5), ("covariance", 2), ("variance", -0.1), ("retrieval", float("nan"))],
)
def test_ways_have_an_end(name, value):
    with pytest.raises(InputError, match=f"{name}={value} is no number from 0 to"):
        Ways(**{name: value})


def test_a_voice_without_memory_cannot_be_converted_to():
    with pytest.raises(InputError, match="measured by a speaker network"):
        Change(AddsStatic(), voice(speech(0)), Voice(torch.zeros(SIZE), None, None), Ways(), HOP_MS)


def test_covariance_gives_how_bins_go_together_and_leaves_the_mean(monkeypatch):
    monkeypatch.setattr("vcdisent.conversion.change.vouched", lambda num_frames, num_target_frames: 1.0)
    x, y = speech(0), speech(1, mean=3.0)
    y[:, 1] = 0.8 * y[:, 0] + 0.6 * y[:, 1]
    got = changed(x, voice(y), covariance=1.0)
    torch.testing.assert_close(torch.cov(got.T), torch.cov(y.T), atol=0.1, rtol=0)
    torch.testing.assert_close(got.mean(0), x.mean(0), atol=1e-4, rtol=0)
    half = changed(x, voice(y), strength=0.5, covariance=1.0)
    assert 0.3 < (half - x).norm() / (got - x).norm() < 0.7


def test_the_less_of_the_target_is_known_the_less_covariance_is_put_in():
    """Its frames again and again have one covariance, however many they are."""
    x, y = speech(0), speech(1)
    y[:, 1] = 0.8 * y[:, 0] + 0.6 * y[:, 1]
    few, more, many = ((changed(x, voice(y.repeat(times, 1)), covariance=1.0) - x).norm() for times in (1, 5, 100))
    assert 0 < few < 0.8 * more < more < 0.95 * many


def test_what_is_recalled_is_averaged_over_time():
    """Frames that say this and that in turn: what sets the voices apart in each of them is not put in by turns."""
    x, y = speech(0), speech(1)
    y[:, -1] += 2.0 * (y[:, 0] > 0)
    x[::2, 0], x[1::2, 0] = 1.0, -1.0
    ways = Ways(**{**NOTHING, "retrieval": 1.0})
    by_turns, averaged = (Change(AddsStatic(), voice(x), voice(y), ways, hop_ms)(x) - x for hop_ms in (HOP_MS, 10.0))
    assert averaged[:, -1].diff().abs().mean() < 0.2 * by_turns[:, -1].diff().abs().mean()
