"""Pitch: the track, its statistics and their transfer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcdisent.features.pitch import (
    F0_RANGE_HZ,
    TYPICAL_LOG_STD,
    PitchStats,
    Shift,
    convert_f0,
    f0_stats,
    track_f0,
    track_one_voice,
)

SAMPLE_RATE = 16000


def voice(f0_hz: float, num_samples: int) -> np.ndarray:
    """A buzz of decaying harmonics, (N,)."""
    time_s = np.arange(num_samples) / SAMPLE_RATE
    orders = np.arange(1, int(4000 / f0_hz))[:, None]
    return (0.05 * np.cos(2 * np.pi * f0_hz * orders * time_s) / np.sqrt(orders)).sum(axis=0)


def track(log_mean: float, log_std: float, num_frames: int, seed: int = 0) -> np.ndarray:
    """F0 (T,) with every third frame unvoiced."""
    f0_hz = np.exp(np.random.default_rng(seed).normal(log_mean, log_std, num_frames))
    f0_hz[::3] = 0
    return f0_hz


@pytest.mark.parametrize("tracker", ["dio", "harvest"])
@pytest.mark.parametrize("f0_hz", [90.0, 150.0, 310.0])
def test_track_finds_the_pitch_of_a_buzz(f0_hz: float, tracker: str) -> None:
    tracked = track_f0(voice(f0_hz, 8000), SAMPLE_RATE, tracker=tracker)
    middle = tracked[10:-10]
    assert len(tracked) == 1 + 8000 // 160
    np.testing.assert_allclose(middle, f0_hz, rtol=0.01)


def gliding(noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Two seconds of a buzz that goes up and down by an octave in noise so loud, (N,), and its pitch every 5 ms."""
    time_s = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    f0_hz = 150 * 2 ** (0.5 * np.sin(2 * np.pi * 1.5 * time_s))
    phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE
    buzz = sum(np.cos(order * phase) / np.sqrt(order) for order in range(1, 20))
    hiss = np.random.default_rng(0).standard_normal(len(buzz))
    return 0.05 * (buzz + noise * np.std(buzz) * hiss), np.append(f0_hz[::80], f0_hz[-1])


def share_right(tracked: np.ndarray, f0_hz: np.ndarray) -> float:
    return float(np.mean(np.abs(tracked / f0_hz - 1) < 0.05))


def test_of_one_voice_more_is_found_in_noise() -> None:
    clean, f0_hz = gliding(0.0)
    assert share_right(track_one_voice(clean, SAMPLE_RATE, 5.0), f0_hz) > 0.98
    noisy, _ = gliding(1.0)
    once, twice = (share_right(track(noisy, SAMPLE_RATE, 5.0), f0_hz) for track in (track_f0, track_one_voice))
    assert twice > max(0.95, once + 0.05)


def test_an_octave_away_is_no_pitch_of_one_voice() -> None:
    """A stretch of another pitch far from most is an error, where most of a recording lies elsewhere."""
    wav = np.concatenate([voice(120.0, 2 * SAMPLE_RATE), voice(480.0, SAMPLE_RATE // 4), voice(120.0, SAMPLE_RATE)])
    assert track_f0(wav, SAMPLE_RATE).max() == pytest.approx(480, rel=0.01)
    assert track_one_voice(wav, SAMPLE_RATE).max() < 185


def test_noise_is_no_voice_the_second_time_either() -> None:
    hiss = 0.05 * np.random.default_rng(0).standard_normal(20 * SAMPLE_RATE)
    assert np.mean(track_one_voice(hiss, SAMPLE_RATE, 5.0) > 0) < 0.02
    spoken = np.concatenate([gliding(0.1)[0], 0.2 * hiss])
    assert np.mean(track_one_voice(spoken, SAMPLE_RATE, 5.0)[-3800:] > 0) < 0.02


def test_stats_are_those_of_the_voiced_frames() -> None:
    stats = f0_stats(track(5.0, 0.15, 6000))
    assert stats.log_mean == pytest.approx(5.0, abs=0.01)
    assert stats.log_std == pytest.approx(0.15, abs=0.01)


def test_octave_errors_hardly_move_the_stats() -> None:
    clean = track(5.0, 0.15, 3000)
    spoilt = np.where(np.arange(3000) % 20 == 1, clean * 2, clean)
    assert f0_stats(spoilt).log_mean == pytest.approx(f0_stats(clean).log_mean, abs=0.02)
    assert f0_stats(spoilt).log_std == pytest.approx(f0_stats(clean).log_std, abs=0.03)


def test_few_voiced_frames_lean_on_the_typical_deviation() -> None:
    constant = np.full(6, 120.0)
    assert f0_stats(constant).log_mean == pytest.approx(np.log(120))
    assert 0.8 * TYPICAL_LOG_STD < f0_stats(constant).log_std < TYPICAL_LOG_STD


@pytest.mark.parametrize("num_voiced", [0, 4])
def test_unvoiced_has_no_stats(num_voiced: int) -> None:
    f0_hz = np.zeros(100)
    f0_hz[:num_voiced] = 120.0
    assert f0_stats(f0_hz) is None


def test_converted_pitch_has_the_stats_of_the_target() -> None:
    source, target = track(4.7, 0.1, 3000), track(5.3, 0.2, 3000, seed=1)
    moved = f0_stats(convert_f0(source, f0_stats(source), f0_stats(target)))
    assert moved.log_mean == pytest.approx(f0_stats(target).log_mean, abs=0.01)
    assert moved.log_std == pytest.approx(f0_stats(target).log_std, abs=0.01)


@given(st.floats(4.3, 6.0), st.floats(0.05, 0.5), st.floats(4.3, 6.0), st.floats(0.05, 0.5))
def test_conversion_keeps_unvoiced_frames_and_the_range(a: float, b: float, c: float, d: float) -> None:
    f0_hz = track(a, b, 60)
    moved = convert_f0(f0_hz, PitchStats(a, b), PitchStats(c, d))
    np.testing.assert_array_equal(moved > 0, f0_hz > 0)
    assert (moved[moved > 0] >= F0_RANGE_HZ[0]).all()
    assert (moved <= F0_RANGE_HZ[1]).all()


def test_conversion_to_oneself_changes_nothing() -> None:
    f0_hz = track(5.0, 0.1, 300)
    own = f0_stats(f0_hz)
    np.testing.assert_allclose(convert_f0(f0_hz, own, own), f0_hz)
    np.testing.assert_array_equal(convert_f0(f0_hz, own, None), f0_hz)
    np.testing.assert_array_equal(convert_f0(f0_hz, None, own), f0_hz)


def test_a_shift_is_of_semitones_wherever_the_pitch_lies() -> None:
    f0_hz = np.array([0.0, 100.0, 150.0, 700.0])
    expected = [0.0, 200.0, 300.0, F0_RANGE_HZ[1]]
    np.testing.assert_allclose(convert_f0(f0_hz, None, Shift(12)), expected)
    np.testing.assert_allclose(convert_f0(f0_hz, PitchStats(5.0, 0.2), Shift(0)), f0_hz)


def test_stray_frames_are_no_pitch_but_a_word_among_pauses_is():
    noise = 0.05 * np.random.default_rng(0).standard_normal(12 * 16_000)
    f0_hz = track_f0(noise, 16_000)
    assert np.count_nonzero(f0_hz) > 5 and f0_stats(f0_hz) is None
    assert f0_stats(np.concatenate([np.full(100, 120.0), np.zeros(60_000)])) is not None
