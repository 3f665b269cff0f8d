"""Alignment of what was never said alike, and mel-cepstra that become the target's."""

import numpy as np
import pytest

from vcdisent.augment import classical_inca
from vcdisent.augment.classical import Voice, cosines_of_bands, from_bands, to_bands
from vcdisent.augment.classical_inca import IncaMethod, align, louder_than_pauses, neighbours, speech_of
from vcdisent.features.world import WorldFrames

RATE, NUM_SOUNDS = 16000, 5
COSINES = cosines_of_bands(60, 24)


def sounds(seed: int, order: np.ndarray, shift: float = 0.0, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Bands (T, 60) of a speaker who says the sounds `order` of 10 frames each, and which sound each frame is (T,)."""
    prototypes = np.random.default_rng(7).standard_normal((NUM_SOUNDS, 24))
    said = np.repeat(order, 10)
    noise = 0.1 * np.random.default_rng(seed).standard_normal((len(said), 24))
    return (scale * (prototypes[said] + noise) + shift) @ COSINES.T, said


def voice(bands: np.ndarray) -> Voice:
    return Voice(np.full(len(bands), 120.0), bands, RATE)


def order(seed: int, num: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.arange(num) % NUM_SOUNDS)


def test_neighbours_are_those_of_every_pair_of_distances() -> None:
    random = np.random.default_rng(0)
    x, y = random.standard_normal((30, 4)), random.standard_normal((20, 4))
    distance = np.linalg.norm(x[:, None] - y, axis=2)
    i, j = neighbours(x, y)
    assert i.tolist() == [*range(30), *distance.argmin(0)]
    assert j.tolist() == [*distance.argmin(1), *range(20)]


def test_frames_of_the_same_sound_are_paired() -> None:
    (own, said), (other, said_other) = sounds(1, order(1)), sounds(2, order(2), shift=0.5, scale=1.3)
    i, j = align(speech_of(voice(own)), speech_of(voice(other)))
    assert (said[i] == said_other[j]).mean() > 0.95


def test_voiced_frames_are_paired_with_voiced_ones() -> None:
    (own, _), (other, _) = sounds(1, order(1)), sounds(2, order(2))
    f0_hz = np.where(np.arange(400) % 20 < 10, 0.0, 120.0)
    x, y = speech_of(Voice(f0_hz, own, RATE)), speech_of(Voice(f0_hz, other, RATE))
    i, j = align(x, y)
    assert (x.is_voiced[i] == y.is_voiced[j]).mean() > 0.7


def test_cepstra_become_the_targets_in_mean_and_spread_and_each_sound_stays_itself() -> None:
    (own, said), (other, said_other) = sounds(1, order(1)), sounds(2, order(2), shift=0.5, scale=1.5)
    conversion = IncaMethod().fit(voice(own), voice(other))
    frames = WorldFrames(np.full(len(own), 120.0), own @ from_bands(RATE, 60), np.zeros((len(own), 513)))
    converted = conversion(frames).log_envelope @ to_bands(RATE, 60) @ COSINES
    target = other @ COSINES
    assert np.abs(converted.mean(0) - target.mean(0)).max() < 0.35
    np.testing.assert_allclose(converted.std(0).mean(), target.std(0).mean(), rtol=0.1)
    before = np.linalg.norm(own @ COSINES - mean_of_sounds(target, said_other)[said], axis=1).mean()
    after = np.linalg.norm(converted - mean_of_sounds(target, said_other)[said], axis=1).mean()
    assert after < 0.6 * before


def mean_of_sounds(cepstra: np.ndarray, said: np.ndarray) -> np.ndarray:
    return np.stack([cepstra[said == sound].mean(0) for sound in range(NUM_SOUNDS)])


def test_loudness_and_aperiodicity_are_kept() -> None:
    (own, _), (other, _) = sounds(1, order(1)), sounds(2, order(2), scale=1.5)
    louder = own + np.linspace(0, 1, len(own))[:, None]
    frames = WorldFrames(np.full(len(own), 120.0), louder @ from_bands(RATE, 60), np.full((len(own), 513), -9.0))
    converted = IncaMethod().fit(voice(own), voice(other))(frames)
    level = (converted.log_envelope @ to_bands(RATE, 60)).mean(1)
    np.testing.assert_allclose(level, louder.mean(1), atol=1e-6)
    assert converted.aperiodicity_db is frames.aperiodicity_db


def test_pauses_do_not_count_as_speech() -> None:
    level = np.array([0.0] * 30 + [-6.0] * 10)
    assert louder_than_pauses(np.repeat(level[:, None], 60, axis=1)).tolist() == [True] * 30 + [False] * 10


def test_a_voice_of_hardly_any_speech_moves_pitch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classical_inca, "align", lambda *_: pytest.fail("there is nothing to align"))
    (own, _), (other, _) = sounds(1, order(1)), sounds(2, order(2, num=2))
    high = Voice(np.full(20, 240.0), other, RATE)
    frames = WorldFrames(np.full(len(own), 120.0), own @ from_bands(RATE, 60), np.zeros((len(own), 513)))
    converted = IncaMethod().fit(voice(own), high)(frames)
    np.testing.assert_allclose(converted.f0_hz, 240.0, rtol=1e-6)
    np.testing.assert_allclose(converted.log_envelope, frames.log_envelope, atol=1e-9)
