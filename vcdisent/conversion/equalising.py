"""The distribution of what conversion makes, brought to that of the target's own frames, bin by bin.

Histogram equalisation, as recognisers know it (de la Torre et al., 2005): what a bin reaches in half of the frames, in
a tenth of them and so on is to be what it is in the target's. The mean of it is a voice's mean colour; the rest holds
the global variance (Toda, Black and Tokuda, 2007), and how loud the loudest frames are, which carry most of the sound.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

SHARES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Of the frames, whose levels are compared; beyond the outermost what is put in stays the same."""


def levels(frames: Tensor) -> Tensor:
    """What each bin reaches in these shares of frames (T, F): (Q, F), rising."""
    return frames.quantile(torch.tensor(SHARES, device=frames.device, dtype=frames.dtype), dim=0)


@dataclass(frozen=True)
class Equaliser:
    """What brings frames of one distribution to another.

    Attributes:
        own: (Q, F) levels of the frames that come in.
        shift: (Q, F) what is to be put in at each of them.
        mean: (F,) what that is on average.
    """

    own: Tensor
    shift: Tensor
    mean: Tensor

    @classmethod
    def between(cls, frames: Tensor, wanted: Tensor) -> "Equaliser":
        """From frames (T, F) to the levels `wanted` (Q, F)."""
        own = levels(frames)
        shift = wanted - own
        return cls(own, shift, interpolated(frames, own, shift).mean(0))

    def __call__(self, x: Tensor, matching: float, variance: float) -> Tensor:
        """What to put in `x` (T, F): a share of what is the same for all frames, and a share of the rest."""
        whole = interpolated(x, self.own, self.shift)
        return matching * self.mean + variance * (whole - self.mean)


def interpolated(x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    """`values` (Q, F), known at rising `places` (Q, F), at `x` (T, F): a straight line between two, bin by bin."""
    rows = places.T.contiguous()
    right = torch.searchsorted(rows, x.T.contiguous()).clamp(1, len(places) - 1)  # (F, T)
    low, high = rows.gather(1, right - 1), rows.gather(1, right)
    share = ((x.T - low) / (high - low).clamp_min(1e-6)).clamp(0, 1)
    known = values.T.contiguous()
    return torch.lerp(known.gather(1, right - 1), known.gather(1, right), share).T
