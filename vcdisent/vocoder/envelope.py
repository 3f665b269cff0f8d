"""The smooth log envelope of frames, which is what a voice colours and a vocoder changes."""

import numpy as np
from torch import Tensor

from vcdisent.features.cepstrum import smoothing
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World, bin_hz, decode_envelope

MOST_NATS = 3.0
"""26 dB: by more two voices do not differ, and where one of two frames is silence their difference says nothing."""


def with_own_frames(features: LogMagnitude | World, frames: Tensor, source: Tensor | None) -> tuple[Tensor, Tensor]:
    """The source (B, N), and its own frames, which those (B, T, F) that it is to have are held against.

    Raises:
        ValueError: There is no source, or it does not have as many frames.
    """
    if source is None:
        raise ValueError("this vocoder changes the source: give it")
    own = features(source)
    if own.shape != frames.shape:
        raise ValueError(f"frames {tuple(frames.shape)} are not those of the source {tuple(own.shape)}")
    return source, own


def smooth_envelope(
    features: LogMagnitude | World, frames: Tensor, frequencies_hz: np.ndarray, num_cepstra: int
) -> np.ndarray:
    """Smooth log envelope (T, K) of frames (T, F), at K frequencies.

    Args:
        features: What the frames are made by.
        frames: Not normalised.
        frequencies_hz: (K,) in hertz, evenly spaced from 0 to half the rate.
        num_cepstra: Cosines over frequency, or over mel bands, that make up the envelope of a log spectrum: with too
            few it is blurred, with too many it follows the harmonics. WORLD's envelope is smooth already.
    """
    if isinstance(features, World):
        envelope = decode_envelope(features.split(frames).log_envelope, features.sample_rate)
        heights_hz = bin_hz(features.sample_rate)
    else:
        envelope = frames.numpy() @ smoothing(frames.shape[1], min(num_cepstra, frames.shape[1])).numpy()
        heights_hz = band_hz(features)
    places = np.interp(frequencies_hz, heights_hz, np.arange(len(heights_hz)))
    return at(envelope.T, places).T


def band_hz(features: LogMagnitude) -> np.ndarray:
    """Middle (F,) in hertz of what each value of a frame stands for."""
    bins_hz = np.linspace(0, features.sample_rate / 2, 1 + features.win_length // 2)
    if not isinstance(features, LogMel):
        return bins_hz[1:]
    bank = features.bank.cpu().numpy()
    weight = bank.sum(axis=0)
    known = np.flatnonzero(weight > 0)  # the narrowest bands may lie between two bins
    return np.interp(np.arange(len(weight)), known, bins_hz @ bank[:, known] / weight[known])


def at(rows: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`rows` (T, K) at fractional `positions` (P,): (P, K), linearly interpolated; the outermost go on outside."""
    positions = positions.clip(0, len(rows) - 1)
    left = positions.astype(int)
    right = np.minimum(left + 1, len(rows) - 1)
    share = (positions - left)[:, None]
    return rows[left] * (1 - share) + rows[right] * share
