"""Frames to waveforms by a network that says magnitude and phase and leaves the rest to an inverse Fourier transform.

After Vocos (Siuzdak, ICLR 2024): ConvNeXt blocks at the rate of the frames, which are a hundredth of the work of
networks that go up to the rate of samples layer by layer.
"""

import math

import torch
from torch import Tensor, nn

from vcdisent.features.spectrogram import LogMagnitude

LARGEST = 100.0
"""Of a magnitude that the network may say: more is a start gone wrong."""


class IstftGenerator(nn.Module):
    """Waveforms of log-magnitude or log-mel frames.

    Args:
        features: What the frames are made by.
        num_hidden: Channels of the blocks.
        num_layers: Blocks.
        expansion: Times `num_hidden` is what a block has inside.
        kernel_size: Frames that a block sees.
        n_fft: Of the inverse transform, in samples.
        segment_frames: Hops of a training segment.
    """

    window: Tensor

    def __init__(
        self,
        features: LogMagnitude,
        num_hidden: int = 192,
        num_layers: int = 6,
        expansion: int = 3,
        kernel_size: int = 7,
        n_fft: int = 640,
        segment_frames: int = 32,
    ) -> None:
        super().__init__()
        self.features, self.n_fft, self.segment_frames = features, n_fft, segment_frames
        self.entry = nn.Conv1d(features.num_bins, num_hidden, kernel_size, padding=kernel_size // 2)
        self.entry_norm = nn.LayerNorm(num_hidden)
        self.blocks = nn.Sequential(
            *(ConvNeXtBlock(num_hidden, expansion * num_hidden, kernel_size, 1 / num_layers) for _ in range(num_layers))
        )
        self.head = nn.Sequential(nn.LayerNorm(num_hidden), nn.Linear(num_hidden, n_fft + 2))
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Waveforms (B, (T - 1) hop_length) of frames (B, T, F), not normalised."""
        hidden = self.entry_norm(self.entry(frames.transpose(1, 2)).transpose(1, 2))
        log_magnitude, phase = self.head(self.blocks(hidden)).float().transpose(1, 2).chunk(2, dim=1)
        spectrum = torch.polar(log_magnitude.clamp_max(math.log(LARGEST)).exp(), phase)
        length = (frames.shape[1] - 1) * self.features.hop_length
        if length == 0:
            return frames.new_zeros(len(frames), 0)
        return torch.istft(spectrum, self.n_fft, self.features.hop_length, window=self.window, length=length)


class ConvNeXtBlock(nn.Module):
    """A convolution over time, channel by channel, and two layers over channels (Liu et al., CVPR 2022)."""

    def __init__(self, num_hidden: int, num_inside: int, kernel_size: int, first_scale: float) -> None:
        super().__init__()
        self.over_time = nn.Conv1d(num_hidden, num_hidden, kernel_size, padding=kernel_size // 2, groups=num_hidden)
        self.over_channels = nn.Sequential(
            nn.LayerNorm(num_hidden), nn.Linear(num_hidden, num_inside), nn.GELU(), nn.Linear(num_inside, num_hidden)
        )
        self.scale = nn.Parameter(torch.full((num_hidden,), first_scale))

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, T, H) of the same shape."""
        mixed = self.over_time(hidden.transpose(1, 2)).transpose(1, 2)
        return hidden + self.scale * self.over_channels(mixed)
