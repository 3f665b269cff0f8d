"""Frames back to magnitudes."""

import numpy as np
import pytest
import torch

from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.vocoder.magnitude import Magnitudes


def voice(num_samples: int = 8000) -> torch.Tensor:
    """A gliding buzz, (1, N)."""
    phase = np.cumsum(np.linspace(120, 180, num_samples)) * 2 * np.pi / 16000
    wav = sum(np.cos(order * phase) / order for order in range(1, 20))
    return torch.from_numpy(0.1 * wav).float().unsqueeze(0)


def test_log_magnitudes_come_back_without_dc_and_floor() -> None:
    features = LogMagnitude()
    wav = voice()
    magnitude = features.magnitude(torch.nn.functional.pad(wav, (200, 200)))
    back = Magnitudes(features)(features(wav))
    assert back.shape == (1, 51, 201)
    assert (back[..., 0] == 0).all()
    torch.testing.assert_close(back[..., 1:], (magnitude[..., 1:] - features.floor).clamp_min(0), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", [LogMagnitude, LogMel])
def test_the_floor_is_silence(kind: type[LogMagnitude]) -> None:
    features = kind()
    magnitude = Magnitudes(features)(features(torch.zeros(1, 1600)))
    assert magnitude.max() < 1e-6


def test_mel_magnitudes_have_the_bands_they_came_from() -> None:
    features = LogMel()
    frames = features(voice())
    magnitude = Magnitudes(features)(frames)
    assert (magnitude >= 0).all()
    error = (magnitude @ features.bank + features.floor).log() - frames
    assert error.square().mean().sqrt() < 0.1
