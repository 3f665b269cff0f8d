"""Distances that can be worked out by hand."""

import numpy as np
import pytest

from vcdisent.evaluation.distances import _speech, f0_correlation, parallel_distances

RATE = 16000


def buzz(f0_hz: np.ndarray, tilt: float = 1.0) -> np.ndarray:
    """Harmonics (N,) of F0 (N,) in hertz, each so much softer than the one before."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    wav = sum(np.cos(order * phase) / order**tilt for order in range(1, 25))
    return (0.05 * wav + 0.001 * np.random.default_rng(0).standard_normal(len(f0_hz))).astype(np.float32)


WAVE = 150 * 2 ** (np.sin(np.linspace(0, 9, RATE)) / 4)


def test_a_melody_higher_up_is_the_same_melody():
    assert f0_correlation(WAVE, 1.3 * WAVE[:-3]) == pytest.approx(1)
    assert f0_correlation(WAVE, 150**2 / WAVE) == pytest.approx(-1)
    assert f0_correlation(np.where(np.arange(RATE) % 2, WAVE, 0), WAVE) == pytest.approx(1)


def test_what_is_unvoiced_has_no_melody():
    assert f0_correlation(np.zeros(RATE), WAVE) is None
    assert f0_correlation(np.full(100, 120.0), np.full(100, 90.0)) is None


def test_the_same_at_another_pace_is_near_and_so_many_semitones_off():
    slow = np.interp(np.linspace(0, RATE, 3 * RATE // 2), np.arange(RATE), WAVE)
    itself, _ = parallel_distances(buzz(WAVE), buzz(WAVE), RATE)
    assert itself == pytest.approx(0, abs=1e-6)
    paced, semitones = parallel_distances(buzz(slow), buzz(WAVE), RATE)
    tilted, _ = parallel_distances(buzz(WAVE, tilt=2.0), buzz(WAVE), RATE)
    assert paced < 1.5 < tilted
    assert semitones < 0.7
    flat = np.full(RATE, 150.0)
    _, higher = parallel_distances(buzz(flat * 2 ** (2 / 12)), buzz(flat), RATE)
    assert higher == pytest.approx(2, abs=0.05)


def test_distortion_of_a_known_cepstral_change():
    noise = np.random.default_rng(2).standard_normal(2 * RATE).astype(np.float32) * 0.05
    spectrum = np.fft.rfft(noise)
    mel = 2595 * np.log10(1 + np.linspace(0, 8000, len(spectrum)) / 700)
    ripple = np.cos(np.pi * 2 * mel / mel[-1])
    changed = np.fft.irfft(spectrum * np.exp(0.5 * ripple), len(noise)).astype(np.float32)
    own, moved = (_speech(wav, RATE)[0].mean(axis=0) for wav in (noise, changed))
    np.testing.assert_allclose(moved - own, 0.5 * np.eye(24)[1], atol=0.05)
    distortion, semitones = parallel_distances(changed, noise, RATE)
    assert 10 / np.log(10) * np.sqrt(2) * 0.5 * 0.5 < distortion < 10 / np.log(10) * np.sqrt(2) * 0.5 * 1.1
    assert semitones is None
