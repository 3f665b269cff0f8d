"""Pieces of a long recording back to one, joined where nobody hears it, and as long as it was."""

from collections.abc import Iterable, Iterator

import numpy as np

from vcdisent.audio import resampled
from vcdisent.features.recording import Recording, num_samples_of

FADE_S = 0.02


def join(pieces: Iterable[np.ndarray], overlap_samples: int, sample_rate: int) -> Iterator[np.ndarray]:
    """Joins waveforms that each share `overlap_samples` with the one before, in bounded memory.

    Two pieces of synthetic speech seldom agree in phase, so a long cross-fade would be heard as a chorus: they are
    cross-faded over 20 ms, at the quietest place of what they share.

    Args:
        pieces: Waveforms (N,), each longer than the overlap unless it is the only one.
        overlap_samples: What neighbours share.
        sample_rate: In hertz.

    Yields:
        Waveforms (N,) that make up the whole end to end.
    """
    held = np.zeros(0, np.float32)
    for piece in pieces:
        shared = min(overlap_samples, len(held), len(piece))
        fade = min(round(FADE_S * sample_rate), shared)
        start = quietest(held[len(held) - shared :], piece[:shared], fade)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        before, after = held[len(held) - shared :][start : start + fade], piece[start : start + fade]
        joined = np.concatenate(
            [held[: len(held) - shared + start], before * (1 - ramp) + after * ramp, piece[start + fade :]]
        )
        ready = max(len(joined) - overlap_samples, 0)
        yield joined[:ready]
        held = joined[ready:]
    yield held


def quietest(before: np.ndarray, after: np.ndarray, width: int) -> int:
    """Where the `width` samples with the least energy in both `before` and `after` (N,) begin."""
    if len(before) <= width or width == 0:
        return 0
    energy = np.cumsum(
        np.concatenate([[0.0], np.square(before, dtype=np.float64) + np.square(after, dtype=np.float64)])
    )
    return int(np.argmin(energy[width:] - energy[:-width]))


def at_rate(pieces: Iterable[np.ndarray], from_hz: int, to_hz: int, source: Recording) -> Iterator[np.ndarray]:
    """What was made of a source, at another rate and exactly as long as it: each of two resamplings has rounded.

    Args:
        pieces: Waveforms (N,), end to end.
        from_hz: Their rate, which is also that of a source that is a waveform.
        to_hz: The rate that is wanted.
        source: What they were made of.

    Raises:
        InputError: The file cannot be used.
    """
    missing = num_samples_of(source, from_hz, to_hz)
    for piece in resampled(pieces, from_hz, to_hz):
        yield piece[:missing]
        missing -= min(len(piece), missing)
    yield np.zeros(missing, np.float32)
