"""How the bins of a voice's frames rise and fall together, brought to how the target's do.

Where resonances lie, and how they move from sound to sound, no bin shows alone: it shows in how bins go together. The
columns of frames are taken for a spectrum; those of `World` are one but for the pitch and the aperiodicity beside it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from vcdisent.conversion.equalising import levels
from vcdisent.features.cepstrum import cosines

NUM_COSINES = 40
"""Over the bins: finer shapes than these, such as harmonics, are left as they are."""
FURTHEST = 1.75
"""How far towards the target's covariance one goes where much is known of both voices: past it, as far as dev chose for
`source_filter` (egs/librispeech/RESULTS.md), which averages what is put in over time and so brings it back."""
UNCERTAIN_TARGET_FRAMES = 300
"""Of so many frames of speech, 3 s without pauses, half of a covariance is the voice's and half that of the words."""
UNCERTAIN_SOURCE_FRAMES = 150
"""The same of the source, whose words are those that are mapped."""
PRIOR_FRAMES = 10
"""So many frames, a tenth of a second, say as much as both voices' variance of each cosine without correlations."""


@dataclass(frozen=True)
class CovarianceMap:
    """The linear map that takes frames of one covariance to another and moves them least.

    Attributes:
        low: (F,) from where on frames are mapped: further out, as in pauses, what is put in stays the same.
        high: (F,) up to where they are.
        change: (F, F) what the map adds, for each unit.
        mean: (F,) of what it adds, which is taken off: the mean of the frames stays.
    """

    low: Tensor
    high: Tensor
    change: Tensor
    mean: Tensor

    @classmethod
    def between(cls, frames: Tensor, target: Tensor, how_far: float) -> "CovarianceMap":
        """From the covariance of frames (T, F) towards that of the target's (N, F); 1 is there, and more is past it."""
        basis = cosines(frames.shape[1], min(NUM_COSINES, frames.shape[1]), frames.device).double()
        own, wanted = (covariance(x.double() @ basis.T) for x in (frames, target))
        pooled = (len(frames) * own + len(target) * wanted).diagonal() / (len(frames) + len(target))
        whole = transport(shrunk(own, len(frames), pooled), shrunk(wanted, len(target), pooled))
        part = power(whole, how_far)  # past the target a share of what it adds could turn a shape round
        change = (basis.T @ (part - torch.eye(len(basis), device=basis.device)) @ basis).to(frames)
        low, *_, high = levels(frames)
        return cls(low, high, change, (frames.clamp(low, high) @ change).mean(0))

    def __call__(self, x: Tensor) -> Tensor:
        """What to put in `x` (T, F)."""
        return x.clamp(self.low, self.high) @ self.change - self.mean


def vouched(num_frames: int, num_target_frames: int) -> float:
    """How far to go with so many frames of the source and of the target: of few, most is what was said."""
    doubt = UNCERTAIN_SOURCE_FRAMES / num_frames + UNCERTAIN_TARGET_FRAMES / num_target_frames
    return FURTHEST / (1 + doubt)


def covariance(x: Tensor) -> Tensor:
    """(K, K) of rows (T, K); nothing of a single row."""
    away = x - x.mean(0)
    return away.T @ away / len(x)


def shrunk(own: Tensor, num_frames: int, variances: Tensor) -> Tensor:
    """A covariance (K, K) of so many frames, drawn towards `variances` (K,) the more, the fewer they are."""
    share = PRIOR_FRAMES / (num_frames + PRIOR_FRAMES)
    return torch.lerp(own, torch.diag(variances.clamp_min(1e-6)), share)


def transport(own: Tensor, wanted: Tensor) -> Tensor:
    """The symmetric matrix (K, K) that takes one covariance to another: optimal transport between Gaussians.

    Peyre and Cuturi (2019), on the distance between Gaussians, after Olkin and Pukelsheim (1982).
    """
    root, inverse_root = power(own, 0.5), power(own, -0.5)
    return inverse_root @ power(root @ wanted @ root, 0.5) @ inverse_root


def power(matrix: Tensor, exponent: float) -> Tensor:
    """A positive definite matrix (K, K) to a power."""
    values, vectors = torch.linalg.eigh(matrix)
    return vectors * values.clamp_min(1e-12) ** exponent @ vectors.T
