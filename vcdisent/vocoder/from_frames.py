"""Waveforms of frames that no recording stands behind: what a vocoder that needs a source cannot do."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from vcdisent.features.pitch import F0_RANGE_HZ
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World, synthesise
from vcdisent.vocoder import Vocoder
from vcdisent.vocoder.griffin_lim import GriffinLim


class WorldSynthesis:
    """WORLD's synthesis of `World` frames, whose pitch is what the frames say.

    A decoder that is unsure whether a frame is voiced gives an F0 between zero and the voice's: what lies below WORLD's
    range is unvoiced.

    Args:
        features: What the frames are made by.
    """

    needs_source = False

    def __init__(self, features: World) -> None:
        self.features = features

    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms (B, N) of frames (B, T, F); see `Vocoder.vocode`. Of a source only the length counts."""
        num_samples = None if source is None else source.shape[1]
        wavs = np.stack([self._one(rows, num_samples) for rows in frames])
        return torch.from_numpy(wavs).to(frames.device)

    def _one(self, frames: Tensor, num_samples: int | None) -> np.ndarray:
        parts = self.features.split(frames)
        lowest_hz, highest_hz = F0_RANGE_HZ
        f0_hz = np.where(parts.f0_hz < lowest_hz, 0.0, parts.f0_hz.clip(max=highest_hz))
        return synthesise(replace(parts, f0_hz=f0_hz), self.features.sample_rate, self.features.hop_ms, num_samples)


def vocoder_from_frames(features: LogMagnitude | World) -> Vocoder:
    """The vocoder that needs nothing but frames made by `features`: WORLD's synthesis, or Griffin-Lim."""
    if isinstance(features, World):
        return WorldSynthesis(features)
    return GriffinLim(features, phase="random")
