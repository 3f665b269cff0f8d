"""From what a model makes back to what a Fourier transform gives: log frames to STFT magnitudes."""

import torch
from torch import Tensor
from torch.nn import functional

from vcdisent.features.spectrogram import LogMagnitude, LogMel

NUM_UPDATES = 30


class Magnitudes:
    """STFT magnitudes of log-magnitude or log-mel frames.

    Mel bands go through the pseudo-inverse of their filter bank, made non-negative by the multiplicative updates of Lee
    and Seung (2001). The floor is taken off again, so that silence is silent; DC, which no frame keeps, is zero.

    Args:
        features: What the frames were made by.
    """

    def __init__(self, features: LogMagnitude) -> None:
        self.floor = features.floor
        self.bank = features.bank.cpu() if isinstance(features, LogMel) else None

    def __call__(self, frames: Tensor) -> Tensor:
        """Magnitudes (B, T, 1 + n_fft // 2) of frames (B, T, F)."""
        raised = (frames.exp() - self.floor).clamp_min(0)
        return functional.pad(raised, (1, 0)) if self.bank is None else _spread(raised, self.bank.to(raised))


def _spread(mel: Tensor, bank: Tensor) -> Tensor:
    """Magnitudes (B, T, bins) whose bands by `bank` (bins, mels) come close to mel (B, T, mels)."""
    magnitude = (mel @ torch.linalg.pinv(bank)).clamp_min(1e-8)  # an exact zero would stay one
    for _ in range(NUM_UPDATES):
        magnitude = magnitude * (mel @ bank.T) / (magnitude @ bank @ bank.T).clamp_min(1e-12)
    return magnitude
