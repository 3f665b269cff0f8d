"""The source's own waveform, moved and filtered."""

import numpy as np
import pytest
import torch
from torch import Tensor

from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World
from vcdisent.vocoder.source_filter import SourceFilter

FEATURES = LogMagnitude()


def voice(num_samples: int = 8000, low_hz: float = 120) -> Tensor:
    """A gliding buzz with some hiss, (1, N)."""
    phase = np.cumsum(np.linspace(low_hz, 1.3 * low_hz, num_samples)) * 2 * np.pi / 16000
    wav = sum(np.cos(order * phase) / order for order in range(1, 30))
    hiss = np.random.default_rng(0).standard_normal(num_samples)
    return torch.from_numpy(0.1 * wav + 0.005 * hiss).float().unsqueeze(0)


@pytest.mark.parametrize("features", [LogMagnitude(), LogMel(), World()], ids=lambda features: type(features).__name__)
def test_own_frames_give_the_source_itself(features: LogMagnitude | World) -> None:
    wav = voice(8123)
    torch.testing.assert_close(SourceFilter(features).vocode(features(wav), source=wav), wav, atol=1e-5, rtol=1e-5)


def test_a_change_of_the_frames_is_a_change_of_the_spectrum() -> None:
    wav = voice()
    ripple = torch.cos(3 * torch.pi * torch.arange(200) / 200)
    rippled = SourceFilter(FEATURES).vocode(FEATURES(wav) + ripple, source=wav)
    measured = (FEATURES(rippled) - FEATURES(wav))[0, 5:-5].mean(dim=0)
    assert (measured - ripple)[5:-5].abs().mean() < 0.1


def test_mel_bands_are_where_they_belong() -> None:
    features, wav = LogMel(), voice()
    tilt = torch.linspace(-1, 1, 80)
    tilted = SourceFilter(features).vocode(features(wav) + tilt, source=wav)
    measured = (features(tilted) - features(wav))[0, 5:-5].mean(dim=0)
    assert (measured - tilt).abs().mean() < 0.15


def test_what_trembles_from_frame_to_frame_is_averaged() -> None:
    wav = voice()
    trembling = FEATURES(wav) + torch.where(torch.arange(51) % 2 == 0, 1.0, -1.0).view(1, -1, 1)
    kept = SourceFilter(FEATURES).vocode(trembling, source=wav)
    assert (kept - wav)[:, 1600:-1600].abs().max() < 0.05 * wav.abs().max()
    followed = SourceFilter(FEATURES, smoothing_ms=0).vocode(trembling, source=wav)
    assert (followed - wav)[:, 1600:-1600].abs().max() > 0.2 * wav.abs().max()


def test_a_difference_beyond_sense_is_bounded() -> None:
    wav = voice()
    loud = SourceFilter(FEATURES).vocode(FEATURES(wav) + 20, source=wav)
    assert loud.isfinite().all()
    assert (loud.abs().max() / wav.abs().max()).log() < 3.1


def test_each_of_a_batch_as_if_alone() -> None:
    wav = torch.cat([voice(), voice(low_hz=180)])
    vocoder, frames = SourceFilter(FEATURES), FEATURES(wav) + 0.1
    together, alone = vocoder.vocode(frames, source=wav), vocoder.vocode(frames[1:], source=wav[1:])
    torch.testing.assert_close(together[1:], alone, rtol=1e-4, atol=1e-5)


def test_says_that_it_needs_the_source_and_its_frames() -> None:
    wav = voice()
    with pytest.raises(ValueError, match="source"):
        SourceFilter(FEATURES).vocode(FEATURES(wav))
    with pytest.raises(ValueError, match="frames"):
        SourceFilter(FEATURES).vocode(FEATURES(wav)[:, :-1], source=wav)
