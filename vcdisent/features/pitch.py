"""Pitch: its track by WORLD, where a speaker's lies, and how to move it to another's place."""

import math
from typing import Literal, NamedTuple

import numpy as np

F0_RANGE_HZ = (71.0, 800.0)  # DIO's own; the lower end also sets the FFT size of WORLD's envelope
TYPICAL_LOG_STD = 0.2  # of log-F0 within one speaker's speech, about 3.5 semitones
TYPICAL_FRAMES = 20  # how many voiced frames weigh as much as the typical deviation
FEWEST_FRAMES = 5
STRAY_SHARE = 0.02  # of frames: in white noise a hundredth seem voiced, of speech a sixth and more are
ENOUGH_FRAMES = 100  # are no strays, however long the pauses of a recording
QUARTILES, TIMES_QUARTILES = (0.25, 0.75), (0.75, 1.5)  # between which one voice's pitch lies
MOST_CHANGE = 0.2  # from frame to frame, relative, that is believed of pitch in that range; DIO's own is 0.1


Tracker = Literal["dio", "harvest"]


class PitchStats(NamedTuple):
    """Mean and standard deviation of the natural log of F0 in hertz over voiced frames."""

    log_mean: float
    log_std: float


class Shift(NamedTuple):
    """So many semitones up, wherever the pitch lies."""

    semitones: float


def track_f0(wav: np.ndarray, sample_rate: int, hop_ms: float = 10.0, tracker: Tracker = "dio") -> np.ndarray:
    """F0 by WORLD, refined by its StoneMask.

    Args:
        wav: (N,) in [-1, 1].
        sample_rate: In hertz.
        hop_ms: From one frame to the next.
        tracker: `"dio"` (Morise, Kawahara and Katayose, 2009), or `"harvest"` (Morise, 2017), which finds more of what
            is voiced in noise and takes some twenty times as long.

    Returns:
        (T,) in hertz, 0 where unvoiced; T = 1 + N // hop.
    """
    import pyworld

    wav = np.ascontiguousarray(wav, np.float64)
    floor_hz, ceiling_hz = F0_RANGE_HZ
    track = {"dio": pyworld.dio, "harvest": pyworld.harvest}[tracker]
    coarse_hz, time_s = track(wav, sample_rate, f0_floor=floor_hz, f0_ceil=ceiling_hz, frame_period=hop_ms)
    return pyworld.stonemask(wav, coarse_hz, time_s, sample_rate)


def track_one_voice(wav: np.ndarray, sample_rate: int, hop_ms: float = 10.0) -> np.ndarray:
    """F0 (T,) of one speaker by DIO, tracked again between what a first look leaves likely: Hirst (2011).

    Errors of an octave lie outside, so that steeper contours can be believed, as they are in noise. Stretches of which
    the first look knew nothing are noise more often than not, and are left out.

    Args:
        wav: (N,) in [-1, 1].
        sample_rate: In hertz.
        hop_ms: From one frame to the next.
    """
    import pyworld

    wav = np.ascontiguousarray(wav, np.float64)
    first_hz = track_f0(wav, sample_rate, hop_ms)
    if f0_stats(first_hz) is None:
        return first_hz
    low_hz, high_hz = (np.quantile(first_hz[first_hz > 0], QUARTILES) * TIMES_QUARTILES).clip(*F0_RANGE_HZ)
    within = {"f0_floor": low_hz, "f0_ceil": high_hz, "allowed_range": MOST_CHANGE}
    coarse_hz, time_s = pyworld.dio(wav, sample_rate, frame_period=hop_ms, **within)
    return _stretches_known(pyworld.stonemask(wav, coarse_hz, time_s, sample_rate), first_hz)


def _stretches_known(f0_hz: np.ndarray, first_hz: np.ndarray) -> np.ndarray:
    """F0 (T,) without the voiced stretches in which nothing is voiced in another track (T,)."""
    stretch = np.cumsum(np.diff((f0_hz > 0).astype(int), prepend=0) > 0)
    is_known = np.bincount(stretch, (f0_hz > 0) & (first_hz > 0)) > 0
    return np.where(is_known[stretch], f0_hz, 0.0)


def f0_stats(f0_hz: np.ndarray) -> PitchStats | None:
    """Where a speaker's pitch lies, from F0 (T,) in hertz; None where hardly any is voiced, as in noise or a whisper.

    The mean is a median, so that octave errors do not move it; over few frames the deviation leans on a typical one.
    """
    log_f0 = np.log(f0_hz[f0_hz > 0])
    if len(log_f0) < np.clip(STRAY_SHARE * len(f0_hz), FEWEST_FRAMES, ENOUGH_FRAMES):
        return None
    median = float(np.median(log_f0))
    deviation = 1.4826 * float(np.median(np.abs(log_f0 - median)))  # of a normal distribution: its standard deviation
    weight = len(log_f0) / (len(log_f0) + TYPICAL_FRAMES)
    return PitchStats(median, float(np.sqrt(weight * deviation**2 + (1 - weight) * TYPICAL_LOG_STD**2)))


def convert_f0(f0_hz: np.ndarray, source: PitchStats | None, target: PitchStats | Shift | None) -> np.ndarray:
    """F0 (T,) in hertz with the mean and deviation of its logarithm moved from `source` to `target`, or shifted.

    Unvoiced frames stay so, and nothing leaves `F0_RANGE_HZ`. Without both there is nothing to go by, and F0 is kept.
    """
    is_voiced = f0_hz > 0
    log_f0 = np.log(np.where(is_voiced, f0_hz, 1.0))
    if isinstance(target, Shift):
        moved = log_f0 + target.semitones * math.log(2) / 12
    elif source is None or target is None:
        return f0_hz
    else:
        moved = target.log_mean + (log_f0 - source.log_mean) * (target.log_std / source.log_std)
    return np.where(is_voiced, np.exp(moved).clip(*F0_RANGE_HZ), 0.0)
