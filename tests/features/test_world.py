"""WORLD analysis, coding and synthesis."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vcdisent import audio
from vcdisent.features.world import World, WorldFrames, analyse, bin_hz, decode_envelope, synthesise

SPEECH = Path(__file__).resolve().parents[2] / "../shared/data/speech/test/librispeech-other"
DB = 20 / np.log(10)


def voice(num_samples: int, sample_rate: int = 16000, f0_hz: float = 140.0) -> np.ndarray:
    """Half buzz, half hiss, (N,)."""
    time_s = np.arange(num_samples) / sample_rate
    orders = np.arange(1, int(4000 / f0_hz))[:, None]
    buzz = (0.05 * np.cos(2 * np.pi * f0_hz * orders * time_s) / np.sqrt(orders)).sum(axis=0)
    hiss = 0.01 * np.random.default_rng(0).standard_normal(num_samples)
    return np.where(time_s < time_s[-1] / 2, buzz, 0) + hiss


def level_db(wav: np.ndarray) -> float:
    return 10 * np.log10(np.mean(wav.astype(np.float64) ** 2))


@pytest.mark.parametrize(("num_samples", "sample_rate"), [(400, 16000), (1599, 16000), (16160, 16000), (20000, 48000)])
def test_as_many_frames_as_a_spectrogram(num_samples: int, sample_rate: int) -> None:
    frames = analyse(voice(num_samples, sample_rate), sample_rate)
    num_frames = 1 + num_samples // (sample_rate // 100)
    assert frames.f0_hz.shape == (num_frames,)
    assert frames.log_envelope.shape == (num_frames, 60)
    assert len(frames.aperiodicity_db) == num_frames


def test_every_bin_is_kept_on_request() -> None:
    frames = analyse(voice(4000), 16000, num_bands=None)
    assert frames.log_envelope.shape == frames.aperiodicity_db.shape == (26, len(bin_hz(16000)))


def test_buzz_is_voiced_and_hiss_is_not() -> None:
    frames = analyse(voice(16000), 16000)
    np.testing.assert_allclose(frames.f0_hz[5:40], 140, rtol=0.02)
    assert (frames.f0_hz[60:95] == 0).all()
    assert frames.aperiodicity_db[5:40].mean() < frames.aperiodicity_db[60:95].mean() - 5


def test_silence_is_finite_and_unvoiced() -> None:
    frames = analyse(np.zeros(1600), 16000)
    assert (frames.f0_hz == 0).all()
    assert np.isfinite(frames.log_envelope).all()
    assert np.abs(synthesise(frames, 16000)).max() < 1e-3


def test_bands_lie_evenly_on_the_mel_scale() -> None:
    def formants(hertz: np.ndarray) -> np.ndarray:
        return np.cos(hertz / 500) + hertz / 4000

    bins = decode_envelope(formants(band_hz(60, 16000))[None], 16000)
    np.testing.assert_allclose(bins[0], formants(bin_hz(16000)), atol=0.1)


def band_hz(num_bands: int, sample_rate: int) -> np.ndarray:
    """Mel-spaced frequencies, written the other way round than in the package."""
    top_mel = 1127 * np.log(1 + sample_rate / 2 / 700)
    return 700 * (np.exp(np.linspace(0, top_mel, num_bands) / 1127) - 1)


def test_coded_envelope_stays_close() -> None:
    wav = voice(16000)
    fine, coded = analyse(wav, 16000, num_bands=None), analyse(wav, 16000)
    error_db = DB * (decode_envelope(coded.log_envelope, 16000) - fine.log_envelope)
    assert np.sqrt(np.mean(error_db**2)) < 2


@pytest.mark.parametrize("num_bands", [60, None])
def test_resynthesis_keeps_length_level_and_pitch(num_bands: int | None) -> None:
    wav = voice(16123)
    again = synthesise(analyse(wav, 16000, num_bands=num_bands), 16000, num_samples=len(wav))
    assert again.shape == wav.shape
    assert again.dtype == np.float32
    assert level_db(again) == pytest.approx(level_db(wav), abs=2)
    np.testing.assert_allclose(analyse(again, 16000).f0_hz[8:40], 140, rtol=0.02)


def test_length_without_a_wish_is_hops_between_frames() -> None:
    frames = analyse(voice(4000), 16000)
    assert len(synthesise(frames, 16000)) == 25 * 160
    assert len(synthesise(frames, 16000, num_samples=9000)) == 9000


def test_resynthesis_is_the_same_twice() -> None:
    frames = analyse(voice(4000), 16000)
    np.testing.assert_array_equal(synthesise(frames, 16000), synthesise(frames, 16000))


def test_louder_envelope_is_louder() -> None:
    frames = analyse(voice(8000), 16000)
    raised = WorldFrames(frames.f0_hz, frames.log_envelope + 6 / DB, frames.aperiodicity_db)
    assert level_db(synthesise(raised, 16000)) - level_db(synthesise(frames, 16000)) == pytest.approx(6, abs=0.01)


def test_features_are_the_three_parts_side_by_side() -> None:
    features, wavs = World(num_bands=40), torch.from_numpy(np.stack([voice(3200), voice(3200, f0_hz=220)])).float()
    frames = features(wavs)
    assert frames.shape == (2, 21, features.num_bins)
    assert frames.dtype == torch.float32
    alone, parts = analyse(wavs[1].numpy(), 16000, num_bands=40), features.split(frames[1])
    np.testing.assert_allclose(parts.f0_hz, alone.f0_hz, rtol=1e-6)
    np.testing.assert_allclose(parts.log_envelope, alone.log_envelope, rtol=1e-5)
    np.testing.assert_allclose(parts.aperiodicity_db, alone.aperiodicity_db, rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(not SPEECH.is_dir(), reason="../shared/data is not here")
def test_speech_comes_back_with_its_level_and_pitch() -> None:
    wav, sample_rate = audio.read(next(SPEECH.rglob("*-0003.flac")), 16000, start_s=1.0, duration_s=3.0)
    frames = analyse(wav, sample_rate)
    again = synthesise(frames, sample_rate, num_samples=len(wav))
    f0_again = analyse(again, sample_rate).f0_hz
    voiced = (frames.f0_hz > 0) & (f0_again > 0)
    assert voiced.sum() > 0.8 * (frames.f0_hz > 0).sum()
    assert np.median(np.abs(np.log(f0_again[voiced] / frames.f0_hz[voiced]))) < 0.01
    assert level_db(again) == pytest.approx(level_db(wav), abs=2)
