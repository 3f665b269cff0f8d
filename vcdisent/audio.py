"""Recordings in and out: mono float32 in [-1, 1], at the rate that is asked for."""

import io
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile as sf
import soxr

from vcdisent.audio_header import checked, truncated
from vcdisent.audio_level import level_db, set_level
from vcdisent.audio_write import Writer, writable_rate, write
from vcdisent.counted import counted
from vcdisent.errors import InputError

__all__ = [
    "Writer",
    "blocks",
    "duration_s",
    "level_db",
    "read",
    "read_pipe",
    "resample",
    "resampled",
    "sample_rate",
    "set_level",
    "writable_rate",
    "write",
]

PIECE_SAMPLES = 1 << 18  # decoded at a time
SHORTEST_S = 0.025  # one analysis window
SILENT_PEAK = 1e-4  # -80 dBFS: dither of 16-bit silence stays below it
PADDING_SAMPLES = {"FLAC": 0, "MP3": 2 * 1152}  # by which what was read may fall short of what a header counts
UNKNOWN_FRAMES = 1 << 62  # libsndfile's answer where a header does not say how long the recording is


def read(
    path: str | Path, sample_rate: int | None = None, *, start_s: float = 0.0, duration_s: float | None = None
) -> tuple[np.ndarray, int]:
    """Read a recording of any format that libsndfile knows, whatever its suffix says.

    Args:
        path: the file; channels are averaged.
        sample_rate: resample to this rate in Hz; None keeps the file's own.
        start_s: where to start.
        duration_s: how much to read; None reads to the end. A part of a file may be silent, a whole file may not.

    Returns:
        wav (N,), float32, and its sample rate in Hz.

    Raises:
        InputError: the file is missing, a folder, empty, truncated, not audio, Shorten-coded, shorter than 25 ms,
            silent, of channels that cancel each other, or holds NaN or infinity.
    """
    with _opened(path) as file:
        start = round(start_s * file.samplerate)
        stop = file.frames if duration_s is None else min(start + round(duration_s * file.samplerate), file.frames)
        wav = _joined(_pieces(file, str(path), start, stop))
        _check_signal(file, str(path), len(wav), _peak(wav), whole=stop - start == file.frames)
        return _at_rate(wav, file.samplerate, sample_rate)


def read_pipe(command: str, sample_rate: int | None = None) -> tuple[np.ndarray, int]:
    """Read the recording that a shell command writes to its standard output, as in a Kaldi `wav.scp`.

    Args:
        command: for the shell, with or without its closing `|`. It is run: only give it what the user vouches for.
        sample_rate: as in `read`.

    Returns:
        wav (N,), float32, and its sample rate in Hz.

    Raises:
        InputError: the command fails, or what it writes is no recording (as in `read`).
    """
    run = subprocess.run(command.strip().removesuffix("|"), shell=True, capture_output=True, check=False)
    if run.returncode:
        complaint = run.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        raise InputError(
            f"{command}: exit status {run.returncode} ({complaint[-1]}): a recording on stdout is expected"
        )
    with _decoder(io.BytesIO(run.stdout), command) as file:
        wav = _joined(_pieces(file, command, 0, file.frames))
        _check_signal(file, command, len(wav), _peak(wav))
        return _at_rate(wav, file.samplerate, sample_rate)


def blocks(path: str | Path, sample_rate: int, block_s: float, overlap_s: float = 0.0) -> Iterator[np.ndarray]:
    """Read a recording of any length in bounded memory.

    Args:
        path: the file; channels are averaged.
        sample_rate: resample to this rate in Hz.
        block_s: length of a block; the last one may be shorter.
        overlap_s: how much of its end a block shares with the start of the next.

    Yields:
        wav (N,), float32. Without the overlaps, the blocks are what `read` gives.

    Raises:
        InputError: as in `read`; too short or silent is only known, and said, at the end.
    """
    size, shared = round(block_s * sample_rate), round(overlap_s * sample_rate)
    kept, num_shared = np.zeros(0, np.float32), 0
    for piece in _resampled_pieces(path, sample_rate):
        kept = np.concatenate([kept, piece])
        while len(kept) >= size:
            yield kept[:size]
            kept, num_shared = kept[size - shared :], shared
    if len(kept) > num_shared:
        yield kept


def resample(wav: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Resample wav (N,) from one rate to another, both in Hz, with soxr's high quality."""
    return wav if from_hz == to_hz else soxr.resample(wav, from_hz, to_hz)


def resampled(pieces: Iterable[np.ndarray], from_hz: int, to_hz: int) -> Iterator[np.ndarray]:
    """The same of a recording in pieces (N,), end to end: as if it were whole."""
    if from_hz == to_hz:
        yield from pieces
        return
    resampler = soxr.ResampleStream(from_hz, to_hz, num_channels=1, dtype="float32")
    for piece in pieces:
        yield resampler.resample_chunk(piece)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def sample_rate(path: str | Path) -> int:
    """The rate of a recording in Hz, by its header.

    Raises:
        InputError: as in `read`, as far as the header tells.
    """
    with _opened(path) as file:
        return file.samplerate


def duration_s(path: str | Path) -> float:
    """How long a recording is in seconds, by its header alone.

    Raises:
        InputError: as in `read`, as far as the header tells.
    """
    with _opened(path) as file:
        _check_signal(file, str(path), file.frames, peak=1.0)
        return file.frames / file.samplerate


@contextmanager
def _opened(path: str | Path) -> Iterator[sf.SoundFile]:
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(Path(path).open("rb"))
        except OSError as error:
            raise InputError(f"{path}: cannot be opened ({error.strerror}): give the path of a recording") from None
        stream = handle if handle.seekable() else io.BytesIO(handle.read())
        yield stack.enter_context(_decoder(stream, str(path)))


def _decoder(stream: BinaryIO, name: str) -> sf.SoundFile:
    try:
        file = sf.SoundFile(checked(stream, name))
    except (sf.LibsndfileError, TypeError) as error:  # soundfile takes the suffix .raw for a promise of no header
        reason = getattr(error, "error_string", error)
        raise InputError(f"{name}: is no recording ({reason}): give wav, flac, ogg, opus, mp3 or NIST SPHERE") from None
    if file.frames >= UNKNOWN_FRAMES:
        raise InputError(f"{name}: its header does not give its length: write it again with sox or flac")
    return file


def _pieces(file: sf.SoundFile, name: str, start: int, stop: int) -> Iterator[np.ndarray]:
    """Samples `start` to `stop` in mono (N,), each piece checked."""
    file.seek(min(start, file.frames))
    position = start
    while position < stop:
        try:
            piece = file.read(min(stop - position, PIECE_SAMPLES), dtype="float32", always_2d=True)
        except sf.LibsndfileError as error:
            raise InputError(f"{name}: is truncated or damaged ({error.error_string}): copy it again") from None
        if len(piece) == 0:
            break
        if not np.isfinite(piece).all():
            raise InputError(f"{name}: holds NaN or infinity: write it again with samples between -1 and 1")
        position += len(piece)
        yield piece.mean(axis=1)
    if position < stop - PADDING_SAMPLES.get(file.format, stop):
        raise truncated(name, f"{file.frames} frames", str(position))


def _resampled_pieces(path: str | Path, sample_rate: int) -> Iterator[np.ndarray]:
    with _opened(path) as file:
        yield from resampled(_checked_pieces(file, str(path)), file.samplerate, sample_rate)


def _checked_pieces(file: sf.SoundFile, name: str) -> Iterator[np.ndarray]:
    num_samples, peak = 0, 0.0
    for piece in _pieces(file, name, 0, file.frames):
        num_samples, peak = num_samples + len(piece), max(peak, _peak(piece))
        yield piece
    _check_signal(file, name, num_samples, peak)


def _at_rate(wav: np.ndarray, file_rate: int, sample_rate: int | None) -> tuple[np.ndarray, int]:
    sample_rate = sample_rate or file_rate
    return resample(wav, file_rate, sample_rate), sample_rate


def _joined(pieces: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.float32), *pieces])


def _peak(wav: np.ndarray) -> float:
    return float(np.abs(wav).max(initial=0.0))


def _check_signal(file: sf.SoundFile, name: str, num_samples: int, peak: float, whole: bool = True) -> None:
    if num_samples < SHORTEST_S * file.samplerate:
        length = f"{counted(num_samples, 'sample')} at {file.samplerate} Hz"
        raise InputError(f"{name}: is too short ({length}): at least {1000 * SHORTEST_S:.0f} ms are needed")
    if whole and peak < SILENT_PEAK:
        if file.channels > 1 and _is_heard(file):
            raise InputError(f"{name}: its channels cancel each other: keep one (sox {name} one.wav remix 1)")
        raise InputError(f"{name}: is silent (its peak is {peak:.1g}): speech is expected")


def _is_heard(file: sf.SoundFile) -> bool:
    """Whether a recording has a channel that is not silent."""
    file.seek(0)
    return any(_peak(piece) >= SILENT_PEAK for piece in file.blocks(PIECE_SAMPLES, dtype="float32"))
