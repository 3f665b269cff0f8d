"""How much longer or shorter a target's vocal tract is than a source's: vocal tract length normalisation.

Frequencies of resonances go by the length of the tract, so that those of one voice are nearly those of another times a
factor (Lee and Rose, 1998). No matrix that keeps to the spectrum's own frequencies moves all of them: they go first.
"""

import math

import numpy as np
from torch import Tensor

from vcdisent.batches import Normaliser
from vcdisent.conversion.memory import WIDTH
from vcdisent.conversion.voice import Voice
from vcdisent.features.pitch import PitchStats
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World
from vcdisent.vocoder.envelope import at, smooth_envelope

MOST = 0.2
"""Natural log of the largest factor: the formants of women lie some 17 % above those of men (Fant, 1966)."""
FACTORS = np.linspace(-MOST, MOST, 33)
PITCH_SHARE = 0.25
"""Women's pitch is 1.7 times that of men: where nothing else is known, resonances move so much of the way of pitch."""
PULL = 1.7
"""How much the sum of two correlations must gain for a factor whose log is 1 away from where pitch would have it; half
as far away, a quarter of that."""
ENOUGH_FRAMES = 100
"""Of either voice, a second of speech: of fewer, sounds have less say."""
STEP_HZ, NUM_STEPS = 40, 101
"""Where resonances are compared, from 0 to 4 kHz: those above belong to the voice more than to its sounds."""
NUM_COSINES = 20
"""That make up an envelope, without harmonics."""


def warp_between(features: LogMagnitude | World, normaliser: Normaliser, own: Voice, target: Voice) -> float:
    """Natural log of the factor by which resonances are to be moved up, from what both voices say alike.

    The one for which frames of either voice go best with what the other recalls for the same dynamic codes, together
    with what is expected of their pitch.

    Args:
        features: What the voices' frames are made by.
        normaliser: And normalised.
        own: The source's voice, as it is.
        target: The voice that it is to have.

    Raises:
        InputError: One of the voices was measured by a model that does not code what is said.
    """
    mine, theirs = own.remembered, target.remembered
    pairs = [
        (mine.frames, theirs.recalled(mine.dynamic, WIDTH)),
        (mine.recalled(theirs.dynamic, WIDTH), theirs.frames),
    ]
    moments = [comoments(features, *(normaliser.inverse(frames).cpu() for frames in pair)) for pair in pairs]
    expected = expected_of(own.pitch, target.pitch)
    trust = min(1.0, mine.num_known / ENOUGH_FRAMES, theirs.num_known / ENOUGH_FRAMES)
    found = [trust * sum(likeness(*pair, math.exp(factor)) for pair in moments) for factor in FACTORS]
    return float(FACTORS[np.argmax(found - PULL * (FACTORS - expected) ** 2)])


def expected_of(own: PitchStats | None, target: PitchStats | None) -> float:
    """The log of the factor that goes with two pitches; 0 where one is not known."""
    if own is None or target is None:
        return 0.0
    return PITCH_SHARE * (target.log_mean - own.log_mean)


def comoments(features: LogMagnitude | World, own: Tensor, target: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of frames (T, F), own and target, the envelopes' sums of products: own (K, K), of both (K, P), target's (P, P).

    P frequencies are compared; K reach as far as a factor can bring own ones from.
    """
    num_known = math.ceil(NUM_STEPS * math.exp(MOST))
    x, y = (
        smooth_envelope(features, frames, STEP_HZ * np.arange(num), NUM_COSINES)
        for frames, num in ((own, num_known), (target, NUM_STEPS))
    )
    x, y = x - x.mean(0), y - y.mean(0)
    return x.T @ x, x.T @ y, y.T @ y


def likeness(own: np.ndarray, both: np.ndarray, target: np.ndarray, factor: float) -> float:
    """Correlation of the envelopes that have these `comoments`, own frequencies times a factor."""
    warp = at(np.eye(len(own)), np.arange(NUM_STEPS) / factor)  # (P, K)
    spread = np.trace(warp @ own @ warp.T) * np.trace(target)
    return float(np.trace(warp @ both) / np.sqrt(spread)) if spread > 0 else 0.0
