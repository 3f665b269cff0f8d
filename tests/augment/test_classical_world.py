"""Pitch and vocal tract: frequencies move by the factor, and the likeliest factor is the one that was put in."""

import numpy as np
import pytest

from vcdisent.augment.classical import Voice, from_bands, to_bands
from vcdisent.augment.classical_world import WorldMethod, convert, warping
from vcdisent.features.pitch import PitchStats, f0_stats
from vcdisent.features.world import WorldFrames, analyse, bin_hz, synthesise

RATE = 16000


def vowels(factor: float, num_frames: int = 600, seed: int = 0) -> np.ndarray:
    """Log envelopes (T, 513) with three formants that wander, all their frequencies multiplied by `factor`."""
    random = np.random.default_rng(seed)
    hz = bin_hz(RATE)
    centres = random.uniform([300, 1000, 2200], [800, 2000, 3000], (num_frames, 3)) * factor
    peaks = 1 / (1 + ((hz - centres[..., None]) / (90 * factor)) ** 2)
    return np.log(peaks.sum(1) + 0.01)


def voice(log_envelope: np.ndarray, f0_hz: float = 100.0) -> Voice:
    return Voice(np.full(len(log_envelope), f0_hz), log_envelope @ to_bands(RATE, 60), RATE)


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.0, 1.1, 1.25])
def test_a_peak_moves_by_the_factor_and_the_ends_stay(factor: float) -> None:
    bump = np.exp(-0.5 * ((np.arange(513) - 200) / 6) ** 2)[None] + np.linspace(0, 0.01, 513)
    moved = bump @ warping(513, factor)
    assert abs(moved[0].argmax() - 200 * factor) <= 1
    np.testing.assert_allclose(moved[0, [0, -1]], bump[0, [0, -1]], atol=1e-12)


def test_a_factor_of_one_changes_nothing() -> None:
    np.testing.assert_allclose(warping(513, 1.0), np.eye(513), atol=1e-9)


@pytest.mark.parametrize("factor", [0.85, 1.0, 1.15])
def test_the_likeliest_factor_is_the_true_one(factor: float) -> None:
    method = WorldMethod()
    source, target = voice(vowels(1.0, seed=1)), voice(vowels(factor, seed=2))
    assert method.factor(source, target) == pytest.approx(factor, abs=0.03)
    assert method.factor(target, source) == pytest.approx(1 / method.factor(source, target))


def test_a_microphone_does_not_count_as_a_tract() -> None:
    coloured = vowels(1.0, seed=2) + np.linspace(0, -3, 513)
    assert WorldMethod().factor(voice(vowels(1.0, seed=1)), voice(coloured)) == pytest.approx(1.0, abs=0.03)


def test_too_few_voiced_frames_leave_the_tract_as_it_is() -> None:
    assert WorldMethod().factor(voice(vowels(1.0)), voice(vowels(1.2, num_frames=20))) == 1.0


def test_pitch_is_the_targets_and_aperiodicity_is_kept() -> None:
    f0_hz = np.array([0.0, 100.0, 110.0, 0.0])
    frames = WorldFrames(f0_hz, vowels(1.0, 4), np.full((4, 513), -20.0))
    moved = convert(frames, PitchStats(np.log(100), 0.1), PitchStats(np.log(200), 0.2), factor=1.1)
    np.testing.assert_allclose(moved.f0_hz, [0, 200, 200 * 1.1**2, 0])
    assert moved.aperiodicity_db is frames.aperiodicity_db
    assert not np.allclose(moved.log_envelope, frames.log_envelope)


def test_converted_speech_is_as_long_and_at_the_targets_pitch(speech) -> None:
    low, high = speech(0), speech(3)
    frames = {wav.tobytes(): analyse(wav, RATE, 10.0, 60) for wav in (low, high)}
    source, target = (Voice(frames[w.tobytes()].f0_hz, frames[w.tobytes()].log_envelope, RATE) for w in (low, high))
    own = analyse(low, RATE, 10.0, None)
    converted = synthesise(WorldMethod().fit(source, target)(own), RATE, 10.0, len(low))
    assert len(converted) == len(low)
    pitch = f0_stats(analyse(converted, RATE, 10.0, 60).f0_hz)
    assert np.exp(pitch.log_mean) == pytest.approx(np.exp(target.pitch.log_mean), rel=0.05)


def test_bands_hold_what_the_warp_needs() -> None:
    """The factor is searched on bands and used on bins."""
    warped_bins = vowels(1.0, 5) @ warping(513, 1.15)
    warped_bands = vowels(1.0, 5) @ to_bands(RATE, 60) @ from_bands(RATE, 60) @ warping(513, 1.15)
    assert np.abs(warped_bins - warped_bands).mean() < 0.1
