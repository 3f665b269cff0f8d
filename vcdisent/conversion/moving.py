"""A source with its pitch and its resonances where the target's are, before anything is changed in its frames.

Grains blur formants, so that the source's envelope is put back after them, its frequencies warped. What they change all
the same shows in the frames of a conversion, as it is made of these, and what it puts in makes up for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from vcdisent.audio import resample
from vcdisent.audio_write import Writer
from vcdisent.conversion.psola import move_pitch
from vcdisent.features.pitch import PitchStats, Shift, convert_f0, track_one_voice
from vcdisent.features.recording import Recording
from vcdisent.features.world import log_envelope
from vcdisent.vocoder.envelope import at
from vcdisent.vocoder.filtering import filtered

FINE_RATE_HZ = 48000  # at which marks of periods are whole samples
F0_HOP_MS = 5.0


def moved(
    wav: np.ndarray, sample_rate: int, source: PitchStats | None, target: PitchStats | Shift | None, warp: float = 0.0
) -> np.ndarray:
    """A waveform (N,), or a piece of one, with another pitch, and its resonances elsewhere.

    Args:
        wav: In [-1, 1].
        sample_rate: In hertz.
        source: Where the pitch of the whole source lies; None where none is heard.
        target: Where the pitch of the target lies, or how far to move the source's; None keeps it. How widely the
            target's moves has no say where the source's is known.
        warp: Natural log of the factor by which the frequencies of its envelope go up.
    """
    if not wav.any():
        return wav
    f0_hz = track_one_voice(wav, sample_rate, F0_HOP_MS)
    wanted_hz = convert_f0(f0_hz, source, keeping_width(source, target))
    shifted = wav if np.allclose(wanted_hz, f0_hz) else with_pitch(wav, f0_hz, wanted_hz, sample_rate)
    if shifted is wav and not warp:
        return wav
    return with_formants_of(wav, f0_hz, shifted, wanted_hz, sample_rate, warp)


def with_pitch(wav: np.ndarray, f0_hz: np.ndarray, wanted_hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """A waveform (N,) of a pitch (T,) with the one that is wanted (T,)."""
    fine_rate = max(sample_rate, FINE_RATE_HZ)
    fine = resample(wav, sample_rate, fine_rate)
    change = move_pitch(fine, f0_hz, wanted_hz, fine_rate, F0_HOP_MS) - fine
    # What stays does not go through the filters of two resamplings, which would take its topmost band.
    return wav + resample(change, fine_rate, sample_rate)[: len(wav)]


def with_formants_of(
    wav: np.ndarray, f0_hz: np.ndarray, shifted: np.ndarray, shifted_hz: np.ndarray, sample_rate: int, warp: float
) -> np.ndarray:
    """What was shifted in pitch (N,), with the envelope of what it was made of put back, its frequencies warped.

    Args:
        wav: (N,) what it was made of.
        f0_hz: (T,) the pitch of that, 0 where unvoiced.
        shifted: (N,) the same with another pitch.
        shifted_hz: (T,) the pitch of that.
        sample_rate: In hertz.
        warp: Natural log of the factor by which these frequencies go up.
    """
    loudest = np.abs(wav).max()  # WORLD's envelope has a floor: soft recordings would reach it sooner
    was, is_now = (
        log_envelope(x / loudest, f0, sample_rate, F0_HOP_MS) for x, f0 in ((wav, f0_hz), (shifted, shifted_hz))
    )
    wanted = at(was.T, np.arange(was.shape[1]) / np.exp(warp)).T
    now = np.where(f0_hz[:, None] > 0, is_now, was)  # what is unvoiced is not shifted
    return filtered(shifted, wanted - now, F0_HOP_MS * sample_rate / 1000)


def keeping_width(source: PitchStats | None, target: PitchStats | Shift | None) -> PitchStats | Shift | None:
    """The target's pitch with the source's deviation: wider or narrower melodies are heard, and bring no nearer."""
    if source is None or not isinstance(target, PitchStats):
        return target
    return target._replace(log_std=source.log_std)


@contextmanager
def temporary_recording(pieces: Iterable[np.ndarray], sample_rate: int, like: Recording) -> Iterator[Recording]:
    """A recording made of pieces (N,): in memory where the one that it is made of was, else in a file for a while."""
    if isinstance(like, np.ndarray):
        yield np.concatenate(list(pieces))
        return
    with TemporaryDirectory(prefix="vcdisent-") as folder:
        path = Path(folder) / "moved.wav"
        with Writer(path, sample_rate, subtype="FLOAT") as writer:
            for piece in pieces:
                writer.write(piece)
        yield path
