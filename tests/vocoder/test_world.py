"""The WORLD vocoder: resynthesis of the source, moved."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vcdisent import audio
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World, analyse, synthesise
from vcdisent.vocoder.world import WorldVocoder

SPEECH = Path(__file__).resolve().parents[2] / "../shared/data/speech/test/librispeech-other"
FEATURES = LogMagnitude()


def voice(num_samples: int = 8000, low_hz: float = 120) -> Tensor:
    """A gliding buzz with some hiss, (1, N)."""
    phase = np.cumsum(np.linspace(low_hz, 1.3 * low_hz, num_samples)) * 2 * np.pi / 16000
    wav = sum(np.cos(order * phase) / order for order in range(1, 30))
    hiss = np.random.default_rng(0).standard_normal(num_samples)
    return torch.from_numpy(0.1 * wav + 0.005 * hiss).float().unsqueeze(0)


def resynthesis(wav: Tensor, hop_ms: float = 5.0) -> Tensor:
    rows = [synthesise(analyse(row.numpy(), 16000, hop_ms, None), 16000, hop_ms, len(row)) for row in wav]
    return torch.from_numpy(np.stack(rows))


def level_db(wav: Tensor) -> float:
    return 10 * float(wav.square().mean().log10())


@pytest.mark.parametrize("features", [LogMagnitude(), LogMel(), World()], ids=lambda features: type(features).__name__)
def test_own_frames_give_the_resynthesis(features: LogMagnitude | World) -> None:
    wav = voice(8123)
    copied = WorldVocoder(features).vocode(features(wav), source=wav)
    torch.testing.assert_close(copied, resynthesis(wav))


@pytest.mark.parametrize("envelope", ["difference", "direct"])
def test_a_change_of_the_frames_is_a_change_of_the_spectrum(envelope: str) -> None:
    wav = voice()
    ripple = torch.cos(3 * torch.pi * torch.arange(200) / 200)
    vocoder = WorldVocoder(FEATURES, envelope)
    plain, rippled = (vocoder.vocode(FEATURES(wav) + change, source=wav) for change in (0 * ripple, ripple))
    measured = (FEATURES(rippled) - FEATURES(plain))[0, 5:-5].mean(dim=0)
    assert (measured - ripple)[5:-5].abs().mean() < 0.1


def test_direct_has_the_level_and_spectrum_of_the_source() -> None:
    wav = voice()
    copied = WorldVocoder(FEATURES, "direct").vocode(FEATURES(wav), source=wav)
    assert level_db(copied) == pytest.approx(level_db(resynthesis(wav)), abs=1)
    error = (FEATURES(copied) - FEATURES(resynthesis(wav)))[0, 5:-5].mean(dim=0)
    assert error.abs().mean() < 0.15


def test_the_other_tracker_works_as_well() -> None:
    wav = voice()
    copied = WorldVocoder(FEATURES, tracker="harvest").vocode(FEATURES(wav), source=wav)
    assert level_db(copied) == pytest.approx(level_db(resynthesis(wav)), abs=1)


def test_each_of_a_batch_as_if_alone() -> None:
    wav = torch.cat([voice(), voice(low_hz=180)])
    vocoder = WorldVocoder(FEATURES)
    frames = FEATURES(wav) + 0.1
    together, alone = vocoder.vocode(frames, source=wav), vocoder.vocode(frames[1:], source=wav[1:])
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=1e-5)


def test_says_that_it_needs_the_source_and_its_frames() -> None:
    wav = voice()
    vocoder = WorldVocoder(FEATURES)
    assert vocoder.needs_source
    with pytest.raises(ValueError, match="source"):
        vocoder.vocode(FEATURES(wav))
    with pytest.raises(ValueError, match="frames"):
        vocoder.vocode(FEATURES(wav)[:, :-1], source=wav)


@pytest.mark.skipif(not SPEECH.is_dir(), reason="../shared/data is not here")
def test_speech_keeps_its_level_and_spectrum() -> None:
    read, _ = audio.read(next(SPEECH.rglob("*-0003.flac")), 16000, start_s=1.0, duration_s=2.0)
    wav = torch.from_numpy(read).unsqueeze(0)
    copied = WorldVocoder(FEATURES).vocode(FEATURES(wav), source=wav)
    assert level_db(copied) == pytest.approx(level_db(wav), abs=1.5)
    assert (FEATURES(copied) - FEATURES(wav))[0].mean(dim=0).abs().mean() < 0.25
