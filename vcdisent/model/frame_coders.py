"""Frame coders: one frame to a code, and a code back to a frame. Nothing else knows what a frame is."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class AudioEncoder(nn.Module):
    """Codes each spectral frame by itself: (B, T, F) to (B, T, `num_features`)."""

    def __init__(self, num_bins: int, num_features: int = 128, num_layers: int = 2) -> None:
        super().__init__()
        self.num_features = num_features
        self.layers = perceptron([num_bins] + [num_features] * num_layers)

    def forward(self, x: Tensor) -> Tensor:
        """Codes (B, T, H) of normalised frames `x` (B, T, F)."""
        return self.layers(x)


class AudioDecoder(nn.Module):
    """Decodes each frame by itself from s and z_t, as the paper's p(x_t given z_t, s) asks."""

    def __init__(
        self, num_bins: int, static_size: int, dynamic_size: int, num_features: int = 256, num_layers: int = 2
    ) -> None:
        super().__init__()
        sizes = [static_size + dynamic_size] + [num_features] * num_layers
        self.layers = nn.Sequential(perceptron(sizes), nn.Linear(num_features, num_bins))

    def forward(self, code: Tensor) -> Tensor:
        """Mean of the normalised frames (B, T, F) for `code` (B, T, S + D), s and z side by side."""
        return self.layers(code).float()

    @staticmethod
    def picture(x: Tensor, num_columns: int) -> Tensor:
        """Grey picture (H, W) in [0, 1] of normalised frames (n, T, F), `num_columns` a row, low bins at the bottom."""
        rows = x.flip(2).transpose(1, 2).split(num_columns)
        return (torch.cat([torch.cat(list(row), dim=1) for row in rows]) / 6 + 0.5).clamp(0, 1)


def perceptron(sizes: list[int]) -> nn.Sequential:
    """Linear layers of the given sizes, each with layer norm and a leaky rectifier behind it."""
    layers: list[nn.Module] = []
    for num_inputs, num_outputs in pairwise(sizes):
        layers += [nn.Linear(num_inputs, num_outputs), nn.LayerNorm(num_outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers)
