"""Statistics over time of sequences that are padded to one length: padding is never read."""

from typing import Literal

import torch
from torch import Tensor

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian

OutputNorm = bool | Literal["whitening"]
RIDGE = 0.1
"""How much independence correlations are mixed with before they are taken away: short sequences have some by chance."""


def normalised_means(dynamic: Gaussian, lengths: Tensor | None, norm: OutputNorm) -> Gaussian:
    """`dynamic` (B, T, D) with means normalised over each sequence; untouched where `norm` is false."""
    if not norm:
        return dynamic
    means = normalise_over_time(dynamic.mean, lengths)
    return Gaussian(whiten_over_time(means, lengths) if norm == "whitening" else means, dynamic.log_variance)


def known_norm(norm: OutputNorm) -> OutputNorm:
    """The norm, if there is such a one.

    Raises:
        InputError: There is none.
    """
    if norm not in (False, True, "whitening"):
        raise InputError(f"configuration: output_norm={norm!r}: a dynamic posterior takes false, true or whitening")
    return norm


def whiten_over_time(codes: Tensor, lengths: Tensor | None) -> Tensor:
    """Normalised `codes` (B, T, D) with each dimension less what those before it say of it over the sequence.

    That is instance whitening (Pan et al., ICCV 2019) by the Cholesky factor of the correlations, so that a dimension
    stays what it is from one sequence to the next.
    """
    counted = codes if lengths is None else codes * frame_mask(codes, lengths)
    count = codes.shape[1] if lengths is None else lengths.to(codes.device)[:, None, None]
    with torch.autocast(codes.device.type, enabled=False):
        correlations = counted.mT.float() @ codes.float() / count
        independence = torch.eye(codes.shape[2], device=codes.device)
        # Without a check, for which a GPU would have to wait: only what is not finite has no factor, and none it gets.
        root, _ = torch.linalg.cholesky_ex((1 - RIDGE) * correlations + RIDGE * independence)
        return torch.linalg.solve_triangular(root, codes.float().mT, upper=False).mT


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
