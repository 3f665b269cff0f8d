"""A trained generator as a vocoder."""

import torch
from torch import Tensor

from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.vocoder.istft_generator import IstftGenerator


class NeuralVocoder:
    """Waveforms of log-magnitude or log-mel frames by a network.

    Args:
        features: What the frames are made by: as in the generator's training.
        generator: Trained.
    """

    needs_source = False

    def __init__(self, features: LogMagnitude, generator: IstftGenerator) -> None:
        self.features, self.generator = features, generator.eval()

    @torch.no_grad()
    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms (B, N) of frames (B, T, F); see `Vocoder.vocode`. Of a source only the length counts."""
        wav = self.generator.to(frames.device)(frames)
        missing = 0 if source is None else source.shape[1] - wav.shape[1]  # less than a hop
        return torch.nn.functional.pad(wav, (0, missing))
