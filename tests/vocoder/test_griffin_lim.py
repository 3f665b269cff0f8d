"""Griffin-Lim on log spectra."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchaudio.functional import griffinlim

from vcdisent import audio
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.vocoder.griffin_lim import GriffinLim

SPEECH = Path(__file__).resolve().parents[2] / "../shared/data/speech/test/librispeech-other"
FEATURES = LogMagnitude()


def voice(num_samples: int = 8000, low_hz: float = 120) -> Tensor:
    """A gliding buzz with some hiss, (1, N)."""
    phase = np.cumsum(np.linspace(low_hz, 1.5 * low_hz, num_samples)) * 2 * np.pi / 16000
    wav = sum(np.cos(order * phase) / order for order in range(1, 20))
    hiss = np.random.default_rng(0).standard_normal(num_samples)
    return torch.from_numpy(0.1 * wav + 0.005 * hiss).float().unsqueeze(0)


def inconsistency(wav: Tensor, frames: Tensor) -> float:
    """How far the magnitudes of `wav` are from those of `frames`, relative."""
    return float((FEATURES(wav).exp() - frames.exp()).norm() / frames.exp().norm())


def test_random_phases_become_consistent() -> None:
    frames = FEATURES(voice())
    rough, fine = (GriffinLim(FEATURES, num_iterations=n).vocode(frames) for n in (2, 40))
    assert inconsistency(fine, frames) < 0.15
    assert inconsistency(fine, frames) < 0.6 * inconsistency(rough, frames)


def test_as_consistent_as_torchaudio() -> None:
    frames = FEATURES(voice())
    vocoder = GriffinLim(FEATURES)
    magnitude = vocoder.magnitudes(frames).transpose(1, 2)
    torch.manual_seed(0)
    theirs = griffinlim(magnitude, torch.hann_window(400), 400, 160, 400, 1.0, 32, 0.99, None, True)
    assert inconsistency(vocoder.vocode(frames), frames) < 1.15 * inconsistency(theirs, frames)


def test_phases_of_the_source_give_the_source_back() -> None:
    wav = voice(8123)
    back = GriffinLim(FEATURES).vocode(FEATURES(wav), source=wav)
    assert (back - wav)[:, 400:-400].norm() < 0.1 * wav.norm()


def test_the_same_twice_and_no_one_elses_dice() -> None:
    frames, vocoder = FEATURES(voice(1600)), GriffinLim(FEATURES, phase="random")
    state = torch.get_rng_state()
    torch.testing.assert_close(vocoder.vocode(frames), vocoder.vocode(frames), rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), state)
    other = GriffinLim(FEATURES, phase="random", seed=1).vocode(frames)
    assert not torch.allclose(other, vocoder.vocode(frames), atol=1e-3)


@pytest.mark.parametrize("num_samples", [1600, 1601, 1759])
def test_as_long_as_the_source(num_samples: int) -> None:
    wav = voice(num_samples)
    frames, vocoder = FEATURES(wav), GriffinLim(FEATURES, num_iterations=2)
    assert vocoder.vocode(frames, source=wav).shape == wav.shape
    assert vocoder.vocode(frames).shape == (1, 1600)


def test_each_of_a_batch_as_if_alone() -> None:
    wav = torch.cat([voice(), voice(low_hz=200)])
    vocoder = GriffinLim(FEATURES, num_iterations=4)
    together, alone = vocoder.vocode(FEATURES(wav)), vocoder.vocode(FEATURES(wav[1:]))
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=1e-5)


def test_the_floor_is_silence() -> None:
    frames = FEATURES(torch.zeros(1, 1600))
    assert GriffinLim(FEATURES).vocode(frames).abs().max() < 1e-6


def test_pieces_agree_where_they_overlap() -> None:
    wav = voice(16000)
    frames = FEATURES(wav) + torch.linspace(0, 1, FEATURES.num_bins)  # no longer the source's own magnitudes
    vocoder = GriffinLim(FEATURES)
    whole = vocoder.vocode(frames, source=wav)
    piece = vocoder.vocode(frames[:, 40:81], source=wav[:, 6400:12800])
    middle = slice(1600, 4800)
    assert (whole[:, 6400:12800] - piece)[:, middle].norm() < 0.1 * piece[:, middle].norm()


def test_log_mel_frames_keep_their_bands() -> None:
    features, wav = LogMel(), voice()
    again = features(GriffinLim(features).vocode(features(wav), source=wav))
    error = (again - features(wav))[:, 3:-3]
    assert error.square().mean().sqrt() < 0.3


@pytest.mark.skipif(not SPEECH.is_dir(), reason="../shared/data is not here")
def test_speech_is_consistent_too() -> None:
    wav, _ = audio.read(next(SPEECH.rglob("*-0003.flac")), 16000, start_s=1.0, duration_s=2.0)
    frames = FEATURES(torch.from_numpy(wav).unsqueeze(0))
    assert inconsistency(GriffinLim(FEATURES).vocode(frames), frames) < 0.25
