"""A source with another pitch."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vcdisent import audio
from vcdisent.conversion import psola
from vcdisent.conversion.moving import F0_HOP_MS, keeping_width, moved, temporary_recording
from vcdisent.features.pitch import PitchStats, Shift, f0_stats, track_f0, track_one_voice
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import log_envelope

RATE = 16_000


def voice(num_samples: int = 8000, low_hz: float = 120) -> np.ndarray:
    """A gliding buzz with some hiss, (N,)."""
    phase = np.cumsum(np.linspace(low_hz, 1.3 * low_hz, num_samples)) * 2 * np.pi / RATE
    wav = sum(np.cos(order * phase) / order for order in range(1, 30))
    hiss = np.random.default_rng(0).standard_normal(num_samples)
    return (0.1 * wav + 0.005 * hiss).astype(np.float32)


@pytest.mark.parametrize("semitones", [-5.0, 4.0])
def test_pitch_goes_where_it_is_asked(semitones: float) -> None:
    wav = voice()
    own = f0_stats(track_f0(wav, RATE))
    got = f0_stats(track_f0(moved(wav, RATE, own, Shift(semitones)), RATE))
    assert got.log_mean - own.log_mean == pytest.approx(semitones * np.log(2) / 12, abs=0.02)
    target = PitchStats(own.log_mean + 0.3, own.log_std)
    assert f0_stats(track_f0(moved(wav, RATE, own, target), RATE)).log_mean == pytest.approx(target.log_mean, abs=0.02)


def test_a_piece_moves_as_the_whole_does() -> None:
    wav = voice(16000)
    own, target = f0_stats(track_f0(wav, RATE)), PitchStats(np.log(220), 0.1)
    piece, whole = (track_f0(moved(x, RATE, own, target), RATE) for x in (wav[8000:], wav))
    np.testing.assert_allclose(piece[3:-3], whole[53:-3], rtol=0.02)


def test_what_has_the_pitch_already_stays_as_it_is() -> None:
    wav = voice()
    own = f0_stats(track_f0(wav, RATE))
    for target in (own, None, Shift(0.0)):
        assert moved(wav, RATE, own, target) is wav
    assert moved(wav, RATE, None, own) is wav


def test_the_topmost_band_stays() -> None:
    wav, features = voice(16000), LogMagnitude()
    frames = [features(torch.from_numpy(x).unsqueeze(0))[0] for x in (wav, moved(wav, RATE, None, Shift(1.0)))]
    assert abs((frames[1] - frames[0])[:, -15:].mean()) < 0.25  # 2 dB, from 7.4 kHz on


def test_a_recording_is_kept_as_it_came(tmp_path: Path) -> None:
    wav = 1.5 * voice()  # beyond full scale
    with temporary_recording(np.split(wav, 4), RATE, wav) as array:
        np.testing.assert_array_equal(array, wav)
    with temporary_recording(np.split(wav, 4), RATE, tmp_path / "source.wav") as path:
        np.testing.assert_array_equal(audio.read(path, RATE)[0], wav)
    assert not path.exists()


def test_a_melody_keeps_its_width() -> None:
    source, target = PitchStats(5.0, 0.1), PitchStats(4.5, 0.3)
    assert keeping_width(source, target) == PitchStats(4.5, 0.1)
    assert keeping_width(source, Shift(3.0)) == Shift(3.0)
    assert keeping_width(None, target) == target and keeping_width(source, None) is None
    wav = voice(16000)
    own = f0_stats(track_f0(wav, RATE))
    got = f0_stats(track_f0(moved(wav, RATE, own, PitchStats(own.log_mean + 0.2, 3 * own.log_std)), RATE))
    assert got == pytest.approx((own.log_mean + 0.2, own.log_std), abs=0.02) and own.log_std > 0.06


def vowel(f0_hz: float, seconds: float = 1.0) -> np.ndarray:
    """A buzz (N,) through three resonances."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    harmonics_hz = np.arange(f0_hz, 6000, f0_hz)
    loudness = sum(1 / (1 + ((harmonics_hz - centre) / 60) ** 2) for centre in (600, 1700, 2600)) + 0.003
    return (0.05 * loudness @ np.cos(2 * np.pi * np.outer(harmonics_hz, time_s))).astype(np.float32)


@pytest.mark.parametrize("semitones", [-7.0, 9.0])
def test_formants_are_where_they_were(semitones: float) -> None:
    """Grains alone blur them; what is left is what two pitches of one envelope show of it."""
    wav = vowel(150.0)
    f0_hz = track_f0(wav, RATE, F0_HOP_MS)
    wanted_hz = f0_hz * 2 ** (semitones / 12)
    grains = psola.move_pitch(wav, f0_hz, wanted_hz, RATE, F0_HOP_MS)
    was = log_envelope(wav, f0_hz, RATE, F0_HOP_MS)[40:-40, 10:180]
    blurred, sharp = (
        log_envelope(x, wanted_hz, RATE, F0_HOP_MS)[40:-40, 10:180]
        for x in (grains, moved(wav, RATE, None, Shift(semitones)))
    )
    assert np.abs(sharp - was).mean() < 0.6 * np.abs(blurred - was).mean()


def test_what_is_unvoiced_is_not_filtered() -> None:
    """But for half a window of the filter beside what is voiced."""
    hiss = (0.02 * np.random.default_rng(0).standard_normal(RATE // 2)).astype(np.float32)
    wav = np.concatenate([vowel(150.0, 0.5), hiss, vowel(150.0, 0.5)])
    got = moved(wav, RATE, None, Shift(7.0))
    near_voice = np.convolve(track_one_voice(wav, RATE, F0_HOP_MS) > 0, np.ones(13), "same") > 0  # 30 ms to either side
    unvoiced = ~np.repeat(near_voice, RATE * int(F0_HOP_MS) // 1000)[: len(wav)]
    assert unvoiced.sum() > RATE // 8
    np.testing.assert_allclose(got[unvoiced], wav[unvoiced], atol=1e-5)
    assert np.abs(got - wav)[: RATE // 4].max() > 0.01


@pytest.mark.parametrize(("semitones", "warp"), [(0.0, 0.12), (5.0, -0.12)])
def test_resonances_go_where_a_factor_has_them(semitones: float, warp: float) -> None:
    wav = vowel(150.0)
    got = moved(wav, RATE, None, Shift(semitones), warp)
    f0_hz = track_f0(wav, RATE, F0_HOP_MS)
    was, is_now = (
        log_envelope(x, f0, RATE, F0_HOP_MS)[40:-40].mean(0)
        for x, f0 in ((wav, f0_hz), (got, f0_hz * 2 ** (semitones / 12)))
    )
    places = np.arange(len(was))[10:150]  # up to 4.7 kHz
    wanted = np.interp(places / np.exp(warp), np.arange(len(was)), was)
    assert np.abs(is_now[places] - wanted).mean() < 0.5 * np.abs(was[places] - wanted).mean()
