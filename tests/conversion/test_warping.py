"""Where resonances lie in two voices, by what both say alike."""

import numpy as np
import pytest
import torch

from vcdisent.batches import Normaliser
from vcdisent.conversion.memory import Memory
from vcdisent.conversion.voice import Voice
from vcdisent.conversion.warping import MOST, PITCH_SHARE, warp_between
from vcdisent.features.pitch import PitchStats, Shift
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World
from vcdisent.vocoder.envelope import band_hz

SPECTRUM = LogMagnitude()


def vowels(features: LogMagnitude, factor: float, seed: int, num: int = 300) -> tuple[torch.Tensor, torch.Tensor]:
    """What is said (T, 2), and log spectra (T, F) of it by a vocal tract with resonances times a factor."""
    z = torch.rand(num, 2, generator=torch.Generator().manual_seed(seed))
    places_hz = (factor * torch.stack([300 + 500 * z[:, 0], 900 + 1500 * z[:, 1]], 1)).numpy()
    away = (band_hz(features)[None, None] - places_hz[..., None]) / 200
    return z, torch.from_numpy(np.log(0.01 + (1 / (1 + away**2)).sum(1))).float()


def voice(features: LogMagnitude, factor: float, seed: int, pitch: PitchStats | Shift | None = None) -> Voice:
    return Voice(torch.zeros(4), Memory(*vowels(features, factor, seed)), pitch)


def found(own: Voice, target: Voice, features: LogMagnitude = SPECTRUM) -> float:
    num_bins = own.memory.frames.shape[1]
    return np.exp(warp_between(features, Normaliser(torch.zeros(num_bins), torch.ones(num_bins)), own, target))


@pytest.mark.parametrize("features", [SPECTRUM, LogMel()])
@pytest.mark.parametrize("factor", [0.87, 1.0, 1.15])
def test_the_factor_between_two_tracts_is_found(features: LogMagnitude, factor: float) -> None:
    assert found(voice(features, 1.0, 0), voice(features, factor, 1), features) == pytest.approx(factor, abs=0.03)


def test_there_and_back_is_nowhere() -> None:
    own, target = voice(SPECTRUM, 1.0, 0), voice(SPECTRUM, 1.1, 1)
    assert found(own, target) * found(target, own) == pytest.approx(1.0, abs=0.02)
    assert found(own, own) == 1.0


def test_pitch_says_what_sounds_leave_open() -> None:
    z, x = torch.zeros(50, 2), torch.ones(50, 200)
    man, woman = (Voice(torch.zeros(4), Memory(z, x), PitchStats(np.log(hz), 0.2)) for hz in (120.0, 200.0))
    assert np.log(found(man, woman)) == pytest.approx(PITCH_SHARE * np.log(200 / 120), abs=0.01)
    child = Voice(torch.zeros(4), Memory(z, x), PitchStats(np.log(700.0), 0.2))
    assert np.log(found(man, child)) == pytest.approx(MOST)
    for unknown in (None, Shift(7.0)):
        assert found(man, Voice(torch.zeros(4), Memory(z, x), unknown)) == 1.0
    like = (
        voice(SPECTRUM, 1.0, 0, PitchStats(np.log(120.0), 0.2)),
        voice(SPECTRUM, 0.9, 1, PitchStats(np.log(200.0), 0.2)),
    )
    assert found(*like) < 0.95  # sounds have more say


def test_frames_of_world_are_compared_by_their_envelopes() -> None:
    features = World()
    wav = torch.from_numpy(0.1 * np.random.default_rng(0).standard_normal(8000).astype(np.float32))
    x = features(wav.unsqueeze(0))[0]
    own = Voice(torch.zeros(4), Memory(x[:, :2], x), None)
    assert found(own, own, features) == 1.0
