"""A source with another pitch."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vcdisent import audio
from vcdisent.conversion.moving import moderate, moved, temporary_recording
from vcdisent.features.pitch import PitchStats, Shift, f0_stats, track_f0
from vcdisent.features.spectrogram import LogMagnitude

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


@pytest.mark.parametrize(("target_std", "wanted_std"), [(0.11, 0.11), (0.3, 0.125), (0.01, 0.08)])
def test_a_melody_is_not_made_much_wider_nor_narrower(target_std, wanted_std):
    assert moderate(PitchStats(5.0, 0.1), PitchStats(4.5, target_std)) == pytest.approx((4.5, wanted_std))


def test_what_is_no_place_of_a_pitch_stays():
    assert moderate(PitchStats(5.0, 0.1), Shift(3.0)) == Shift(3.0)
    assert moderate(None, PitchStats(4.5, 0.3)) == PitchStats(4.5, 0.3) and moderate(PitchStats(5.0, 0.1), None) is None
