"""Waveforms as frames: what a vocoder is trained on goes the same way through the house as what a model is."""

import numpy as np
from torch import Tensor, nn
from torch.nn import functional


class Waveform(nn.Module):
    """Cuts a waveform into blocks of `hop_length` samples, end to end, so that frames laid end to end are speech.

    Args:
        sample_rate: Rate of the waveforms that come in, in hertz.
        hop_length: Samples of a block.
        level_db: Active speech level in dBFS to which a recording is brought first; None leaves it as it is.
        trim_db: Cut silence at both ends quieter than this below the loudest part; None keeps it.
    """

    def __init__(
        self,
        sample_rate: int = 16000,
        hop_length: int = 160,
        level_db: float | None = -26.0,
        trim_db: float | None = None,
    ) -> None:
        super().__init__()
        self.sample_rate, self.hop_length = sample_rate, hop_length
        self.level_db, self.trim_db = level_db, trim_db

    @property
    def frame_shape(self) -> tuple[int]:
        """(F,) of a frame."""
        return (self.hop_length,)

    @property
    def num_bins(self) -> int:
        """Values in one frame."""
        return self.hop_length

    def forward(self, wav: Tensor) -> Tensor:
        """Frames (B, T, hop_length) of `wav` (B, N) in [-1, 1], T = 1 + N // hop_length; the last ends in silence."""
        padding = self.hop_length - wav.shape[1] % self.hop_length
        return functional.pad(wav, (0, padding)).unflatten(1, (-1, self.hop_length))


def unnormalised(num_bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (F,) that leave blocks as they are: statistics of their own would tear them apart."""
    return np.zeros(num_bins), np.ones(num_bins)
