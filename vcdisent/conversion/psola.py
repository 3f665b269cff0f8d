"""TD-PSOLA (Moulines and Charpentier, 1990): the pitch of a waveform moved, its own sound kept."""

from collections.abc import Iterator

import numpy as np

SMOOTHING_S = 0.025  # of the fundamental's phase: its neighbours, 71 Hz away or more, are filtered out
NUM_PHASES = 32


def move_pitch(
    wav: np.ndarray, f0_hz: np.ndarray, wanted_hz: np.ndarray, sample_rate: int, hop_ms: float
) -> np.ndarray:
    """A waveform with another pitch, as long, its formants where they were.

    Voiced speech is cut into grains of two periods, of the old pitch or the new one, whichever are shorter, each around
    a mark once a period, and these are laid as far apart as the new pitch has its periods. What is unvoiced stays as it
    is, and all does at the pitch that it has. More than an octave down there is silence between the grains.

    Args:
        wav: (N,) in [-1, 1].
        f0_hz: (T,) its pitch, 0 where unvoiced.
        wanted_hz: (T,) the pitch that it is to have.
        sample_rate: In hertz. Marks are whole samples: from 40,000 hertz on nobody hears it.
        hop_ms: From one frame of pitch to the next.
    """
    moved = wav.astype(np.float64)
    for every_mark, ratios in pitch_marks(wav, f0_hz, wanted_hz, sample_rate, hop_ms):
        first = max(2 * every_mark[0] - every_mark[1], 0)
        stretch = slice(first, 2 * every_mark[-1] - every_mark[-2])
        marks = every_mark - first
        new_marks, origin = spread_marks(marks, ratios)
        left, right = np.diff(marks, prepend=2 * marks[0] - marks[1]), np.diff(marks, append=2 * marks[-1] - marks[-2])
        piece, shorter = wav[stretch], np.maximum(ratios, 1.0)
        gain = np.sqrt(shorter / ratios)  # fewer grains a second, each so much louder
        moved[stretch] -= overlap_add(piece, marks, marks, left, right, np.ones(len(marks)))
        new_left, new_right = (np.ceil(sides / shorter).astype(int)[origin] for sides in (left, right))
        new_left[0], new_right[-1] = left[0], marks[-1] + right[-1] - new_marks[-1]  # no dip at its ends
        moved[stretch] += overlap_add(piece, marks[origin], new_marks, new_left, new_right, gain[origin])
    return moved.astype(np.float32)


def pitch_marks(
    wav: np.ndarray, f0_hz: np.ndarray, wanted_hz: np.ndarray, sample_rate: int, hop_ms: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each voiced stretch the samples (M,) where periods are loudest, and how much higher it is to be there (M,).

    The phase of the fundamental is that of the track of F0, corrected by what the waveform multiplied by it leaves.
    """
    samples = np.arange(len(wav))
    frames = samples * 1000 / (hop_ms * sample_rate)
    is_voiced = f0_hz > 0
    if not is_voiced.any():
        return
    known = np.flatnonzero(is_voiced)
    phase = 2 * np.pi * np.cumsum(np.interp(frames, known, f0_hz[known])) / sample_rate
    left_over = smoothed(wav * np.exp(-1j * phase), np.hanning(round(SMOOTHING_S * sample_rate)))
    ratio = np.interp(frames, known, wanted_hz[known] / f0_hz[known])
    voiced = is_voiced[np.minimum(np.round(frames).astype(int), len(f0_hz) - 1)]
    edges = np.flatnonzero(np.diff(voiced.astype(int), prepend=0, append=0)).reshape(-1, 2)
    for start, stop in edges:
        own = np.maximum.accumulate(phase[start:stop] + np.unwrap(np.angle(left_over[start:stop])))
        loudest = loudest_phase(own, wav[start:stop])
        turns = np.arange(np.ceil((own[0] - loudest) / (2 * np.pi)), (own[-1] - loudest) / (2 * np.pi))
        places = np.interp(2 * np.pi * turns + loudest, own, samples[: stop - start])
        marks = start + np.unique(np.round(places).astype(int))
        if len(marks) > 2:
            yield marks, ratio[marks]


def smoothed(values: np.ndarray, window: np.ndarray) -> np.ndarray:
    """`values` (N,) convolved with a window (W,) about each of them, by FFT; scipy's takes a second to be imported."""
    size = 2 ** (len(values) + len(window) - 2).bit_length()
    whole = np.fft.ifft(np.fft.fft(values, size) * np.fft.fft(window, size))
    first = (len(window) - 1) // 2
    return whole[first : first + len(values)]


def loudest_phase(phase: np.ndarray, wav: np.ndarray) -> float:
    """Where in its period, in radians, a stretch of speech has most energy: near the closing of the glottis."""
    bins = (phase / (2 * np.pi) % 1 * NUM_PHASES).astype(int) % NUM_PHASES
    energy = np.bincount(bins, np.square(wav, dtype=np.float64), minlength=NUM_PHASES)
    return 2 * np.pi * (float(np.argmax(energy)) + 0.5) / NUM_PHASES


def spread_marks(marks: np.ndarray, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """New marks (K,), a period of the new pitch apart, and the old mark (K,) that is nearest to each."""
    periods = np.concatenate([[0.0], np.cumsum((ratios[1:] + ratios[:-1]) / 2)])
    places = np.interp(np.arange(int(periods[-1] + 1e-6) + 1), periods, np.arange(len(marks)))
    return np.round(np.interp(places, np.arange(len(marks)), marks)).astype(int), np.round(places).astype(int)


def overlap_add(
    wav: np.ndarray, centres: np.ndarray, to: np.ndarray, left: np.ndarray, right: np.ndarray, gain: np.ndarray
) -> np.ndarray:
    """Sum (N,) of grains of `wav` around `centres` (K,), laid around `to`: half a Hann window to each side of each."""
    lengths = left + right
    grain = np.repeat(np.arange(len(centres)), lengths)
    offset = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) - left[grain]
    side = np.where(offset < 0, left[grain], right[grain])
    source, target = centres[grain] + offset, to[grain] + offset
    inside = (source >= 0) & (source < len(wav)) & (target >= 0) & (target < len(wav))
    weight = gain[grain] * (0.5 + 0.5 * np.cos(np.pi * offset / side))
    return np.bincount(target[inside], (wav[source.clip(0, len(wav) - 1)] * weight)[inside], minlength=len(wav))
