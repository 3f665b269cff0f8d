"""Griffin-Lim: phases that fit given magnitudes, found by going to a waveform and back."""

import math
from typing import Literal

import torch
from torch import Tensor

from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.vocoder.magnitude import Magnitudes


class GriffinLim:
    """The fast variant (Perraudin, Balazs and Søndergaard, 2013) on `LogMagnitude` or `LogMel` frames.

    Args:
        features: What the frames are made by.
        num_iterations: Trips to the waveform and back.
        momentum: How far each trip overshoots; 0 is Griffin and Lim's own.
        phase: Where to start: at the phases of the source, if there is one, so that pieces of a long recording fit
            each other where they overlap; or at random ones, the same at each call.
        seed: Of the random phases.
    """

    needs_source = False

    def __init__(
        self,
        features: LogMagnitude,
        num_iterations: int = 32,
        momentum: float = 0.99,
        phase: Literal["source", "random"] = "source",
        seed: int = 0,
    ) -> None:
        self.magnitudes = Magnitudes(features)
        self.win_length, self.hop_length = features.win_length, features.hop_length
        self.num_iterations, self.momentum, self.phase, self.seed = num_iterations, momentum, phase, seed

    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms (B, N) of frames (B, T, F); see `Vocoder.vocode`."""
        magnitude = self.magnitudes(frames).transpose(1, 2)
        num_samples = (frames.shape[1] - 1) * self.hop_length if source is None else source.shape[1]
        phases = self._phases(magnitude, source)
        previous = torch.zeros_like(phases)
        for _ in range(self.num_iterations):
            rebuilt = self._stft(self._istft(magnitude * phases, num_samples))
            phases = torch.sgn(rebuilt - self.momentum / (1 + self.momentum) * previous)
            previous = rebuilt
        return self._istft(magnitude * phases, num_samples)

    def _phases(self, magnitude: Tensor, source: Tensor | None) -> Tensor:
        """Complex numbers of length one to start from, like magnitude (B, F, T)."""
        if source is not None and self.phase == "source":
            return torch.sgn(self._stft(source.to(magnitude)))
        _, num_bins, num_frames = magnitude.shape
        generator = torch.Generator().manual_seed(self.seed % 2**63)  # any whole number will do
        angles = 2 * math.pi * torch.rand(num_frames, num_bins, generator=generator).T
        return torch.polar(torch.ones_like(angles), angles).to(magnitude.device).expand_as(magnitude)

    def _stft(self, wav: Tensor) -> Tensor:
        window = torch.hann_window(self.win_length, device=wav.device)
        return torch.stft(
            wav, self.win_length, self.hop_length, window=window, pad_mode="constant", return_complex=True
        )

    def _istft(self, spectrum: Tensor, num_samples: int) -> Tensor:
        window = torch.hann_window(self.win_length, device=spectrum.device)
        return torch.istft(spectrum, self.win_length, self.hop_length, window=window, length=num_samples)
