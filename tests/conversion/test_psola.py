"""Pitch goes where it is wanted, and nothing else moves."""

import numpy as np
import pytest

from vcdisent.conversion.psola import move_pitch, overlap_add, pitch_marks, spread_marks
from vcdisent.features.pitch import track_f0

RATE, HOP_MS = 48000, 5.0


def vowel(low_hz: float = 130, seconds: float = 0.8) -> np.ndarray:
    """A gliding pulse train through a glottis and a formant at 1 kHz, with hiss before and after (N,)."""
    num_samples = round(seconds * RATE)
    phase = np.cumsum(np.linspace(low_hz, 1.2 * low_hz, num_samples)) / RATE
    pulses = np.diff(np.floor(phase), prepend=0)
    time_s = np.arange(RATE // 50) / RATE
    wav = np.convolve(pulses, np.exp(-300 * time_s) * (1 + np.cos(2 * np.pi * 1000 * time_s)))[:num_samples]
    wav -= wav.mean()
    hiss = 0.003 * np.random.default_rng(0).standard_normal(num_samples)
    edge = num_samples // 8
    wav[:edge] = wav[-edge:] = 0
    return (0.3 * wav + hiss).astype(np.float32)


def moved(wav: np.ndarray, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    f0_hz = track_f0(wav, RATE, HOP_MS)
    return move_pitch(wav, f0_hz, ratio * f0_hz, RATE, HOP_MS), f0_hz


def test_the_same_pitch_is_the_same_waveform() -> None:
    wav = vowel()
    kept, _ = moved(wav, 1.0)
    np.testing.assert_allclose(kept, wav, atol=1e-6)


@pytest.mark.parametrize("ratio", [0.6, 0.8, 1.3, 1.9])
def test_pitch_moves_and_formants_stay(ratio: float) -> None:
    wav = vowel()
    other, f0_hz = moved(wav, ratio)
    assert other.shape == wav.shape
    got_hz = track_f0(other, RATE, HOP_MS)
    both = (f0_hz > 0) & (got_hz > 0)
    assert both.sum() > 0.8 * (f0_hz > 0).sum()
    assert np.median(got_hz[both] / f0_hz[both]) == pytest.approx(ratio, rel=0.01)
    spectra = (np.abs(np.fft.rfft(x[RATE // 4 :][: RATE // 4]))[150:500] for x in (wav, other))  # 600 to 2,000 Hz
    formants = [4 * (150 + int(spectrum.argmax())) for spectrum in spectra]
    assert formants == pytest.approx([1000, 1000], abs=0.6 * 160 * max(ratio, 1))  # the harmonic that is nearest
    assert np.square(other).sum() == pytest.approx(np.square(wav).sum(), rel=0.5)


def test_what_is_unvoiced_stays() -> None:
    wav = vowel()
    other, f0_hz = moved(wav, 1.5)
    first = int((np.flatnonzero(f0_hz)[0] - 4) * HOP_MS * RATE / 1000)
    np.testing.assert_array_equal(other[:first], wav[:first])
    hiss = np.random.default_rng(0).standard_normal(4800).astype(np.float32)
    np.testing.assert_array_equal(move_pitch(hiss, np.zeros(21), np.zeros(21), RATE, HOP_MS), hiss)


def test_marks_are_a_period_apart_where_the_pulses_are() -> None:
    wav = vowel()
    f0_hz = track_f0(wav, RATE, HOP_MS)
    ((marks, ratios),) = pitch_marks(wav, f0_hz, f0_hz, RATE, HOP_MS)
    np.testing.assert_array_equal(ratios, 1.0)
    inner = marks[2:-2]
    expected = RATE / np.interp(inner[:-1] * 1000 / (HOP_MS * RATE), np.arange(len(f0_hz)), f0_hz)
    np.testing.assert_allclose(np.diff(inner), expected, rtol=0.03)
    energy = np.convolve(np.square(wav), np.ones(48), mode="same")
    assert energy[inner].mean() > 2 * energy[inner[0] : inner[-1]].mean()


def test_new_marks_follow_the_ratio_along_the_way() -> None:
    marks = np.arange(0, 1100, 100)
    places, origin = spread_marks(marks, np.full(11, 2.0))
    np.testing.assert_array_equal(np.diff(places), 50)
    assert places[-1] == 1000
    np.testing.assert_array_equal(origin, np.round(places / 100))
    places, origin = spread_marks(marks, np.ones(11))
    np.testing.assert_array_equal(places, marks)
    np.testing.assert_array_equal(origin, np.arange(11))


def test_grains_side_by_side_are_the_whole() -> None:
    wav = np.random.default_rng(1).standard_normal(1000)
    marks = np.array([100, 180, 300, 420, 500])
    left, right = np.diff(marks, prepend=20), np.diff(marks, append=580)
    whole = overlap_add(wav, marks, marks, left, right, np.ones(5))
    np.testing.assert_allclose(whole[100:501], wav[100:501])
    assert not whole[:20].any()
    beyond = overlap_add(wav, np.array([990]), np.array([5]), np.array([50]), np.array([50]), np.ones(1))
    assert beyond.shape == wav.shape  # what lies outside is left out


def test_grains_of_a_higher_pitch_are_as_short_as_its_periods() -> None:
    """What lies half an old period from the marks is in no grain of an octave above: it would sound between pulses."""
    period, num_samples = 400, 48_000
    f0_hz = np.full(201, RATE / period)
    wav = np.zeros(num_samples, np.float32)
    wav[100::period] = 1.0
    between = np.zeros(num_samples, np.float32)
    between[100 + period // 2 :: period] = 0.3
    alone, with_others = (move_pitch(x, f0_hz, 2 * f0_hz, RATE, HOP_MS) for x in (wav, wav + between))
    assert np.abs(alone[4000:-4000]).max() > 0.5
    np.testing.assert_allclose(with_others[4000:-4000], alone[4000:-4000], atol=0.01)
    np.testing.assert_allclose(move_pitch(between, f0_hz, f0_hz, RATE, HOP_MS), between, atol=1e-6)
