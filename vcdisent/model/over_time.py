"""Statistics over time of sequences that are padded to one length: padding is never read."""

import torch
from torch import Tensor

from vcdisent.model.gaussian import Gaussian


def normalised_means(dynamic: Gaussian, lengths: Tensor | None) -> Gaussian:
    """`dynamic` (B, T, D) with means of zero mean and unit variance over each sequence."""
    return Gaussian(normalise_over_time(dynamic.mean, lengths), dynamic.log_variance)


def normalise_over_time(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """`codes` (B, T, H) with zero mean and unit variance over each sequence's own `lengths` (B,) frames."""
    mean, variance = moments(codes, lengths)
    return (codes - mean) * (variance + 1e-5).rsqrt()


def mean_and_deviation(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """Both of `codes` (B, T, H) over each sequence's own `lengths` (B,) frames, side by side: (B, 2H)."""
    mean, variance = moments(codes, lengths)
    return torch.cat([mean, (variance + 1e-5).sqrt()], dim=2).squeeze(1)


def moments(codes: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and variance (B, 1, H) of `codes` (B, T, H) over each sequence's own `lengths` (B,) frames."""
    if lengths is None:
        mean = codes.mean(1, keepdim=True)
        return mean, (codes - mean).square().mean(1, keepdim=True)
    mask = frame_mask(codes, lengths)
    count = mask.sum(1, keepdim=True)
    mean = (codes * mask).sum(1, keepdim=True) / count
    return mean, ((codes - mean).square() * mask).sum(1, keepdim=True) / count


def without_padding(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """`codes` (B, T, H) with zeros past each sequence's end, which is what a convolution sees past the last frame."""
    return codes if lengths is None else codes * frame_mask(codes, lengths)


def frame_mask(codes: Tensor, lengths: Tensor) -> Tensor:
    """Whether each frame of `codes` (B, T, H) is within its sequence: (B, T, 1)."""
    steps = torch.arange(codes.shape[1], device=codes.device)
    return (steps < lengths.to(codes.device).unsqueeze(1)).unsqueeze(2)
