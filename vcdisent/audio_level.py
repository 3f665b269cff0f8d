"""How loud the speech in a recording is."""

from collections.abc import Iterable

import numpy as np

FRAME_S = 0.025
ACTIVE_RANGE_DB = 40.0  # frames further than this below the loudest are pauses
DEFAULT_SAMPLE_RATE = 16_000
LIMITER_S = 0.005  # to either side of a peak that is beyond full scale: about a period of a voice


def level_db(wav: np.ndarray, sample_rate: int = DEFAULT_SAMPLE_RATE) -> float:
    """The active speech level: the RMS over those 25 ms frames that are within 40 dB of the loudest.

    Args:
        wav: (N,) samples.
        sample_rate: in Hz.

    Returns:
        The level in dBFS (0 dB: a mean square of 1); minus infinity for silence.
    """
    return level_of_blocks_db([wav], sample_rate)


def level_of_blocks_db(blocks: Iterable[np.ndarray], sample_rate: int = DEFAULT_SAMPLE_RATE) -> float:
    """`level_db` of a recording that comes in blocks (N,), of which only the power of each frame is kept."""
    power = np.concatenate([np.zeros(0), *(frame_power(block, sample_rate) for block in blocks)])
    if power.max(initial=0.0) == 0:
        return -np.inf
    active = power[power >= power.max() * 10 ** (-ACTIVE_RANGE_DB / 10)]
    return float(10 * np.log10(active.mean()))


def frame_power(wav: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean square of each whole 25 ms frame of wav (N,); of all of it where it is shorter than one."""
    size = min(round(FRAME_S * sample_rate), len(wav))
    if size == 0:
        return np.zeros(0)
    frames = wav[: len(wav) // size * size].reshape(-1, size)
    return np.square(frames, dtype=np.float64).mean(axis=1)


def set_level(wav: np.ndarray, db: float, sample_rate: int = DEFAULT_SAMPLE_RATE) -> np.ndarray:
    """Scale a recording to an active speech level, or as near to it as a peak of 1 allows.

    Args:
        wav: (N,) samples.
        db: the level in dBFS, as `level_db` measures it.
        sample_rate: in Hz.

    Returns:
        wav (N,) with one gain over all; silence comes back as it is.
    """
    level = level_db(wav, sample_rate)
    if not np.isfinite(level):
        return wav
    gain = min(10 ** ((db - level) / 20), 1 / float(np.abs(wav).max()))
    return (wav * gain).astype(wav.dtype)


def limited(wav: np.ndarray, sample_rate: int = DEFAULT_SAMPLE_RATE) -> np.ndarray:
    """A recording (N,) nowhere beyond full scale: what lies about a peak is made softer, smoothly, and nothing else.

    One loud period would otherwise make the whole of a recording soft.
    """
    if len(wav) == 0 or np.abs(wav).max() <= 1:
        return wav
    reach = round(LIMITER_S * sample_rate)
    allowed = np.pad(1 / np.maximum(np.abs(wav), 1), 2 * reach, constant_values=1)
    lowest = np.lib.stride_tricks.sliding_window_view(allowed, 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    return (wav * np.convolve(lowest, window / window.sum(), "valid")).clip(-1, 1).astype(wav.dtype)
