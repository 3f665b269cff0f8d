"""Networks that learn to tell what a vocoder made from recordings, one at each of several resolutions."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

POWER = 0.3
"""Magnitudes are raised to it: what is quiet is heard too."""

LEAK = 0.1


class SpectrogramDiscriminators(nn.Module):
    """Convolutions over short-time spectra, real and imaginary part, so that phases are seen (Défossez et al., 2023).

    Args:
        n_ffts: Of each resolution in samples; hops are a quarter of it.
        num_channels: Of each convolution.
    """

    def __init__(self, n_ffts: Sequence[int] = (256, 512, 1024), num_channels: int = 16) -> None:
        super().__init__()
        self.each = nn.ModuleList(SpectrogramDiscriminator(n_fft, num_channels) for n_fft in n_ffts)

    def forward(self, wav: Tensor) -> list[list[Tensor]]:
        """For each resolution what every layer makes of `wav` (B, N): the last is the score, higher for recordings."""
        return [discriminator(wav) for discriminator in self.each]


class SpectrogramDiscriminator(nn.Module):
    """One resolution of `SpectrogramDiscriminators`."""

    window: Tensor

    def __init__(self, n_fft: int, num_channels: int) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        strided = [nn.Conv2d(num_channels, num_channels, (9, 3), (2, 1), (4, 1)) for _ in range(3)]
        layers = [
            nn.Conv2d(2, num_channels, (9, 3), (2, 1), (4, 1)),
            *strided,
            nn.Conv2d(num_channels, num_channels, 3, padding=1),
            nn.Conv2d(num_channels, 1, 3, padding=1),
        ]
        self.layers = nn.ModuleList(nn.utils.parametrizations.weight_norm(layer) for layer in layers)

    def forward(self, wav: Tensor) -> list[Tensor]:
        """What each layer makes (B, C, K, T) of `wav` (B, N)."""
        hidden, seen = self._spectrum(wav), []
        for layer in self.layers[:-1]:
            hidden = nn.functional.leaky_relu(layer(hidden), LEAK)
            seen.append(hidden)
        return [*seen, self.layers[-1](hidden)]

    def _spectrum(self, wav: Tensor) -> Tensor:
        """Real and imaginary part (B, 2, K, T), magnitudes compressed."""
        spectrum = torch.stft(
            wav, self.n_fft, self.n_fft // 4, window=self.window, pad_mode="constant", return_complex=True
        )
        squared = spectrum.real.square() + spectrum.imag.square() + 1e-7
        return torch.view_as_real(spectrum * squared ** ((POWER - 1) / 2)).permute(0, 3, 1, 2)
