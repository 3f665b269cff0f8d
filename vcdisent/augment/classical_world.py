"""Conversion by WORLD: another pitch, and a vocal tract of another length."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from vcdisent.augment.classical import Conversion, Voice, cosines_of_bands, from_bands, to_bands
from vcdisent.features.pitch import PitchStats, convert_f0
from vcdisent.features.world import WorldFrames

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

NUM_CEPSTRA = 12  # the tract, hardly the harmonics
NUM_COMPONENTS = 8
MOST_FRAMES = 1500
FEWEST_FRAMES = 50
KNEE = 0.85  # of the way to the top: above it the axis bends, so that both ends stay where they are


@dataclass(frozen=True)
class WorldMethod:
    """Moves log-F0's mean and deviation, and warps the envelope's frequency axis by the pair's likeliest factor.

    The factor stands for the ratio of the vocal tracts' lengths (Lee and Rose, 1996, with Gaussian mixtures of
    mel-cepstra). Frames that a warp draws together are likelier whatever the target, so the likelihood counts both
    ways: source frames, warped, in the target's mixture, and target frames, warped back, in the source's. Mean cepstra
    are taken off first, since they hold the microphone too. Aperiodicity is kept.

    Args:
        largest: Factor; its inverse is the smallest.
        num_factors: In the grid, evenly on a logarithmic scale.
        num_targets: Of one speaker in a corpus; None is all others.
    """

    largest: float = 1.25
    num_factors: int = 19
    num_targets: int | None = None

    def fit(self, source: Voice, target: Voice) -> Conversion:
        """Pitch statistics of both, and the factor."""
        return partial(convert, source=source.pitch, target=target.pitch, factor=self.factor(source, target))

    def factor(self, source: Voice, target: Voice) -> float:
        """The likeliest factor by which the source's frequencies become the target's: above 1 for a shorter tract.

        It is 1 where there are too few voiced frames to tell.
        """
        if min(np.count_nonzero(voice.f0_hz) for voice in (source, target)) < FEWEST_FRAMES:
            return 1.0
        factors = self.largest ** np.linspace(-1, 1, self.num_factors)
        there = log_likelihoods(source, target, tuple(factors))
        back = log_likelihoods(target, source, tuple(1 / factors))
        return float(factors[np.argmax(there + back)])


def convert(frames: WorldFrames, source: PitchStats | None, target: PitchStats | None, factor: float) -> WorldFrames:
    """WORLD frames, on every linear bin, with the pitch moved and the envelope's frequencies multiplied by `factor`."""
    num_bins = frames.log_envelope.shape[1]
    return replace(
        frames,
        f0_hz=convert_f0(frames.f0_hz, source, target),
        log_envelope=frames.log_envelope @ warping(num_bins, factor),
    )


def log_likelihoods(source: Voice, target: Voice, factors: tuple[float, ...]) -> np.ndarray:
    """Mean log-likelihood (G,) of the source's voiced frames, warped by each factor, in the target's mixture."""
    num_bands = source.log_envelope.shape[1]
    projections = cepstrum_of_warped(source.sample_rate, num_bands, factors)  # (G, K, Q)
    cepstra = voiced_frames(source) @ projections
    cepstra -= cepstra.mean(axis=1, keepdims=True)
    scores = tract_model(target).score_samples(cepstra.reshape(-1, NUM_CEPSTRA))
    return scores.reshape(len(factors), -1).mean(axis=1)


@lru_cache(maxsize=4096)
def tract_model(voice: Voice) -> "GaussianMixture":
    """Mixture of diagonal Gaussians of a voice's mel-cepstra, their mean taken off."""
    from sklearn.mixture import GaussianMixture

    (projection,) = cepstrum_of_warped(voice.sample_rate, voice.log_envelope.shape[1], (1.0,))
    cepstra = voiced_frames(voice) @ projection
    num_components = min(NUM_COMPONENTS, len(cepstra) // 10)
    settings = {"covariance_type": "diag", "reg_covar": 1e-3, "max_iter": 30, "tol": 1e-2, "random_state": 0}
    return GaussianMixture(num_components, **settings).fit(cepstra - cepstra.mean(axis=0))


def voiced_frames(voice: Voice) -> np.ndarray:
    """Bands (n, K) of voiced frames, evenly from all of them, `MOST_FRAMES` at most."""
    voiced = voice.log_envelope[voice.f0_hz > 0]
    return voiced[:: -(-len(voiced) // MOST_FRAMES)].astype(np.float64)


@lru_cache
def cepstrum_of_warped(sample_rate: int, num_bands: int, factors: tuple[float, ...]) -> np.ndarray:
    """Projections (G, K, Q) from mel-spaced bands to the mel-cepstrum, without its mean, of the envelope warped."""
    decoder = from_bands(sample_rate, num_bands)
    cepstrum = to_bands(sample_rate, num_bands) @ cosines_of_bands(num_bands, NUM_CEPSTRA)
    return np.stack([decoder @ warping(decoder.shape[1], factor) @ cepstrum for factor in factors])


@lru_cache
def warping(num_bins: int, factor: float) -> np.ndarray:
    """Matrix (F, F) that multiplies the frequencies of spectra (T, F) by `factor`, linearly interpolated.

    The axis runs straight to a knee, and straight on from there to its top, which stays.
    """
    knee = KNEE * min(factor, 1.0)
    top = num_bins - 1
    origin = top * np.interp(np.arange(num_bins) / top, [0, knee, 1], [0, knee / factor, 1])
    left = np.minimum(origin.astype(int), top - 1)
    bins, share = np.arange(num_bins), origin - left
    matrix = np.zeros((num_bins, num_bins))
    matrix[left, bins], matrix[left + 1, bins] = 1 - share, share
    return matrix
