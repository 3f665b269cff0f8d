"""Recordings out: whole or not at all."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile as sf

from vcdisent.atomic import whole_file
from vcdisent.errors import InputError

OPUS_RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
CONTAINERS = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "sph": ("NIST", "PCM_16"),
}


def writable_rate(path: str | Path, sample_rate: int) -> int:
    """The rate in Hz nearest above `sample_rate` that a file of such a name can have: Opus takes some alone."""
    if Path(path).suffix.lower() != ".opus":
        return sample_rate
    return next((rate for rate in OPUS_RATES_HZ if rate >= sample_rate), OPUS_RATES_HZ[-1])


def container_of(path: str | Path) -> str:
    """The one of `CONTAINERS` that the suffix of a file to be written gives.

    Raises:
        InputError: It gives none.
    """
    name = Path(path).suffix.lower().removeprefix(".")
    if not name:
        raise InputError(f"{path}: has no suffix, which says what to write: add one, such as .wav, or / for a folder")
    if name not in CONTAINERS:
        raise InputError(f"{path}: unknown kind of recording {name!r}: use one of {', '.join(CONTAINERS)}")
    return name


def write(path: str | Path, wav: np.ndarray, sample_rate: int, container: str | None = None) -> None:
    """Write a recording, whole or not at all.

    Args:
        path: the file; its suffix gives the container, unless `container` does.
        wav: (N,) float32; what is outside [-1, 1] is clipped.
        sample_rate: in Hz.
        container: one of `CONTAINERS`.

    Raises:
        InputError: an unknown suffix, a rate that the container does not take, or a place that cannot be written to.
    """
    with Writer(path, sample_rate, container) as writer:
        writer.write(wav)


class Writer:
    """Writes a recording piece by piece; the file appears, whole, when the `with` block ends well.

    Args:
        path, sample_rate, container: as in `write`.
        compression_level: libsndfile's, 0 (largest file) to 1; None leaves it at its default.
        subtype: libsndfile's name of how samples are kept, such as FLOAT; None is the container's usual one.
    """

    def __init__(
        self,
        path: str | Path,
        sample_rate: int,
        container: str | None = None,
        compression_level: float | None = None,
        subtype: str | None = None,
    ) -> None:
        self.path, self.sample_rate, self.compression_level = Path(path), sample_rate, compression_level
        name = container or container_of(path)
        if name == "opus" and sample_rate not in OPUS_RATES_HZ:
            raise InputError(f"{path}: Opus does not take {sample_rate} Hz, but one of {OPUS_RATES_HZ}")
        self.format, usual = CONTAINERS[name]
        self.subtype = subtype or usual

    def __enter__(self) -> "Writer":
        with ExitStack() as stack:
            temporary = stack.enter_context(whole_file(self.path))
            self._file = stack.enter_context(self._open(temporary))
            self._stack = stack.pop_all()
        return self

    def write(self, wav: np.ndarray) -> None:
        """Append wav (N,)."""
        if not np.isfinite(wav).all():
            raise ValueError(f"{self.path}: samples to be written hold NaN or infinity")
        try:
            self._file.write(wav)
        except sf.LibsndfileError as error:
            raise InputError(f"{self.path}: cannot be written ({error.error_string}); is its disk full?") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def _open(self, temporary: Path) -> sf.SoundFile:
        try:
            return sf.SoundFile(
                temporary,
                "w",
                self.sample_rate,
                channels=1,
                format=self.format,
                subtype=self.subtype,
                compression_level=self.compression_level,
            )
        except sf.LibsndfileError as error:
            raise InputError(f"{self.path}: cannot be written at {self.sample_rate} Hz: {error.error_string}") from None
