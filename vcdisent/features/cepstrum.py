"""The cepstrum of a log spectrum: its smooth part is the vocal tract and the channel, the rest the harmonics."""

import math

import torch
from torch import Tensor


def smoothing(num_bins: int, num_cepstra: int, device: torch.device | str = "cpu") -> Tensor:
    """Projection (F, F) of frames (..., F) on the first `num_cepstra` cosines over frequency: a cepstral lifter."""
    basis = cosines(num_bins, num_cepstra, device)
    return basis.T @ basis


def cosines(num_bins: int, num_cepstra: int, device: torch.device | str = "cpu") -> Tensor:
    """The first cosines over frequency (K, F), each of length 1: what a cepstrum is made with."""
    orders = torch.arange(num_cepstra, device=device).unsqueeze(1)
    position = (torch.arange(num_bins, device=device) + 0.5) / num_bins
    basis = torch.cos(math.pi * orders * position) * math.sqrt(2 / num_bins)
    basis[0] /= math.sqrt(2)
    return basis
