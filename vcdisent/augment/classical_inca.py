"""Conversion after INCA (Erro, Moreno and Bonafonte, 2010): Gaussian mixtures from recordings that say other things.

The frames of two voices are paired with their nearest neighbours, both ways; a regression on the pairs brings the
source nearer to the target; and so on. A joint-density mixture of mel-cepstra and their deltas then gives the likeliest
trajectory of an utterance, and the target's variance is put back. Pitch is moved as by `WorldMethod`; aperiodicity and
loudness are kept.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from vcdisent.augment.classical import Conversion, Voice, cosines_of_bands, from_bands, to_bands
from vcdisent.augment.classical_world import convert
from vcdisent.augment.joint_mixture import JointMixture, fit_joint_mixture, with_deltas
from vcdisent.features.pitch import PitchStats, convert_f0
from vcdisent.features.world import WorldFrames

NUM_CEPSTRA = 24
MOST_FRAMES = 2000  # of each voice
FEWEST_FRAMES = 50
NUM_ROUNDS = 4
NUM_COARSE = 8  # cepstra that tell sounds apart
COMPONENTS_IN_ROUNDS = 2
PAIRS_A_COMPONENT = 1000  # full covariances of 96 dimensions: with fewer the words are lost
LEAST_STD = 0.2  # of a regression: less is no spread to put back
SPEECH_RANGE_NEPERS = 4.0  # frames further than this below the loudest are pauses: 35 dB
VOICING = 2.0  # how far apart voiced and unvoiced frames count, in standard deviations of a coarse cepstrum


@dataclass(frozen=True)
class IncaMethod:
    """Maps mel-cepstra by a joint-density mixture of frames that were aligned by iterated nearest neighbours.

    Args:
        num_components: Gaussians of the mixture at most; there are as many as the frames are enough for.
        prior_weight: Of the identity, against each regression's own slopes. Pairs of nearest neighbours are often not
            of the same sound: a regression on them alone makes the words hard to understand.
        num_targets: Of one speaker in a corpus, since a pair takes about half a second to fit; None is all others.
    """

    num_components: int = 8
    prior_weight: float = 4.0
    num_targets: int | None = 4

    def fit(self, source: Voice, target: Voice) -> Conversion:
        """Aligns the voices' speech and fits the mixture; where there is hardly any, only pitch is moved."""
        x, y = speech_of(source), speech_of(target)
        if min(len(x.features), len(y.features)) < FEWEST_FRAMES:
            return partial(convert, source=source.pitch, target=target.pitch, factor=1.0)
        i, j = align(x, y)
        num_components = min(self.num_components, 1 + len(i) // PAIRS_A_COMPONENT)
        mixture = fit_joint_mixture(x.features[i], y.features[j], num_components, self.prior_weight)
        num_bands = source.log_envelope.shape[1]
        return MixtureConversion(x, y, mixture, source.pitch, target.pitch, source.sample_rate, num_bands)


@dataclass(frozen=True, eq=False)
class Speech:
    """The frames of a voice that are no pauses, `MOST_FRAMES` at most.

    Attributes:
        features: Mel-cepstra with deltas (n, 2 Q), normalised.
        is_voiced: (n,).
        mean, std: Of the mel-cepstra (Q,), before they were normalised.
    """

    features: np.ndarray
    is_voiced: np.ndarray
    mean: np.ndarray
    std: np.ndarray


def speech_of(voice: Voice) -> Speech:
    """What of a voice its mixture is fitted to."""
    is_speech = louder_than_pauses(voice.log_envelope)
    cepstra = voice.log_envelope @ cosines_of_bands(voice.log_envelope.shape[1], NUM_CEPSTRA)
    mean, std = cepstra[is_speech].mean(axis=0), np.maximum(cepstra[is_speech].std(axis=0), 1e-3)
    features = with_deltas((cepstra - mean) / std)[is_speech]
    step = -(-len(features) // MOST_FRAMES)
    return Speech(features[::step], voice.f0_hz[is_speech][::step] > 0, mean, std)


def louder_than_pauses(log_envelope: np.ndarray) -> np.ndarray:
    """Which frames (T, K) are speech: (T,)."""
    level = log_envelope.mean(axis=1)
    return level > np.quantile(level, 0.95) - SPEECH_RANGE_NEPERS


def align(x: Speech, y: Speech) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of frames, as indices of both, after rounds of nearest neighbours and regression.

    Cepstra are normalised, so that mean and variance are moved before the first round. They are compared as far apart
    as the target has them: of equal weight, the many fine ones would drown those that tell sounds apart.
    """
    static_x, static_y = x.features[:, :NUM_CEPSTRA], y.features[:, :NUM_CEPSTRA]
    scale = y.std / y.std[:NUM_COARSE].mean()
    voiced_x, voiced_y = (VOICING * speech.is_voiced[:, None] for speech in (x, y))
    moved = static_x
    for number in range(NUM_ROUNDS):
        pairs = neighbours(np.hstack([moved * scale, voiced_x]), np.hstack([static_y * scale, voiced_y]))
        if number < NUM_ROUNDS - 1:
            moved = fit_joint_mixture(static_x[pairs[0]], static_y[pairs[1]], COMPONENTS_IN_ROUNDS).expect(static_x)
    return pairs


def neighbours(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every frame of x (n, Q) with the nearest of y (m, Q), and the other way round: (n + m,) indices of each."""
    squared = np.square(x).sum(1)[:, None] - 2 * x @ y.T + np.square(y).sum(1)
    return (
        np.concatenate([np.arange(len(x)), squared.argmin(axis=0)]),
        np.concatenate([squared.argmin(axis=1), np.arange(len(y))]),
    )


@dataclass(frozen=True, eq=False)
class MixtureConversion:
    """The mapping of a pair of voices."""

    source: Speech
    target: Speech
    mixture: JointMixture
    source_pitch: PitchStats | None
    target_pitch: PitchStats | None
    sample_rate: int
    num_bands: int

    def __call__(self, frames: WorldFrames) -> WorldFrames:
        """WORLD frames, on every linear bin, in the target's voice: what is finer than the mel-cepstrum stays."""
        cosines = cosines_of_bands(self.num_bands, NUM_CEPSTRA)
        bands = frames.log_envelope @ to_bands(self.sample_rate, self.num_bands)
        cepstra = bands @ cosines
        converted = self.mixture.trajectory(with_deltas((cepstra - self.source.mean) / self.source.std))
        converted = with_unit_variance(converted, louder_than_pauses(bands)) * self.target.std + self.target.mean
        change = (converted - cepstra) @ cosines.T @ from_bands(self.sample_rate, self.num_bands)
        f0_hz = convert_f0(frames.f0_hz, self.source_pitch, self.target_pitch)
        return replace(frames, f0_hz=f0_hz, log_envelope=frames.log_envelope + change)


def with_unit_variance(cepstra: np.ndarray, is_speech: np.ndarray) -> np.ndarray:
    """Normalised cepstra (T, Q) spread over speech as they were before regression to the mean: the global variance."""
    mean, std = cepstra[is_speech].mean(axis=0), cepstra[is_speech].std(axis=0)
    return mean + (cepstra - mean) / np.maximum(std, LEAST_STD)
