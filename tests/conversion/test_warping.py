"""Where resonances lie in two voices, by what both say alike."""

import numpy as np
import pytest
import torch

from vcdisent.batches import Normaliser
from vcdisent.conversion.memory import Memory
from vcdisent.conversion.voice import Voice
from vcdisent.conversion.warping import MOST, PITCH_SHARE, warp_between
from vcdisent.errors import InputError
from vcdisent.features.pitch import PitchStats
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


def voice(features: LogMagnitude, factor: float, seed: int, pitch: PitchStats | None = None) -> Voice:
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
    assert found(man, Voice(torch.zeros(4), Memory(z, x), None)) == 1.0
    assert found(man, woman.with_pitch("keep")) == found(man, woman.with_pitch(7.0)) == found(man, woman)
    like = (
        voice(SPECTRUM, 1.0, 0, PitchStats(np.log(120.0), 0.2)),
        voice(SPECTRUM, 0.9, 1, PitchStats(np.log(200.0), 0.2)),
    )
    assert found(*like) < 0.95  # sounds have more say


def spoken(z: np.ndarray, factor: float) -> np.ndarray:
    """Vowels of 50 ms each, (N,): resonances at what z (M, 2) says, times a factor, in a buzz of 120 Hz."""
    time_s, harmonics_hz = np.arange(800)[:, None] / 16_000, np.arange(120.0, 7900, 120)
    buzz = np.cos(2 * np.pi * time_s * harmonics_hz)
    places_hz = factor * np.stack([300 + 500 * z[:, 0], 900 + 1500 * z[:, 1]], 1)
    loudness = 0.01 + (1 / (1 + ((harmonics_hz - places_hz[..., None]) / 100) ** 2)).sum(1)
    return (0.02 * loudness @ buzz.T).reshape(-1).astype(np.float32)


def test_frames_of_world_are_compared_by_their_envelopes() -> None:
    features, z = World(), np.random.default_rng(0).random((60, 2))

    def world_voice(factor: float) -> Voice:
        x = features(torch.from_numpy(spoken(z, factor)).unsqueeze(0))[0]
        said = torch.from_numpy(np.repeat(z, 5, axis=0)).float()  # frames of 10 ms
        return Voice(torch.zeros(4), Memory(said, x[: len(said)]), None)

    assert found(world_voice(1.0), world_voice(1.12), features) == pytest.approx(1.12, abs=0.04)
    assert found(world_voice(1.12), world_voice(1.0), features) == pytest.approx(1 / 1.12, abs=0.04)


def test_of_little_speech_sounds_have_less_say() -> None:
    def first(num: int) -> float:
        one, other = (
            Voice(torch.zeros(4), Memory(*(x[:num] for x in vowels(SPECTRUM, f, 0))), None) for f in (1, 1.15)
        )
        return found(one, other)

    assert 1.0 <= first(2) < 1.05 < first(150)


def test_a_voice_without_codes_of_what_is_said_is_refused() -> None:
    with pytest.raises(InputError, match="use a checkpoint with a decoder"):
        found(voice(SPECTRUM, 1.0, 0), Voice(torch.zeros(4), None, None))
