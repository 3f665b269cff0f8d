"""vcdisent convert: one recording, a folder, or a list of pairs in other voices."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.audio import Writer, resampled, sample_rate, writable_rate
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.embed import files_below
from vcdisent.commands.poor_recordings import warn_of_targets
from vcdisent.commands.views import METHODS
from vcdisent.conversion.classical_converter import ClassicalConverter
from vcdisent.conversion.voice import Pitch
from vcdisent.corpora.survey import list_skipped
from vcdisent.errors import InputError
from vcdisent.progress import progress

MODEL = "model"
"""The method that is not classical."""

KEPT_VOICES = 32
"""So many voices of a list, of a few megabytes each, are measured once and not for every line."""
VoiceOf = Callable[[tuple[Path, ...]], Any]
"""Measures the voice of recordings."""


class Converter(Protocol):
    """What the model's converter and the classical one have in common.

    Attributes:
        name: Ends what is written where no other name is given; empty for the model's.
    """

    name: str

    @property
    def sample_rate(self) -> int:
        """Rate of the pieces in hertz."""
        ...

    def voice(self, recordings: Sequence[Path], pitch: Pitch = "auto") -> Any:
        """The voice of recordings, or of an enrolled one's file; and where the pitch goes."""
        ...

    def convert_blocks(self, source: Path, target: Any) -> Iterator[np.ndarray]:
        """The source in a voice, in pieces (N,)."""
        ...


def make_converter(
    method: str, model: Path | None, vocoder: str | None, device: str, **ways: float | None
) -> Converter:
    """The converter of a checkpoint, or that of a classical method, which has neither checkpoint nor vocoder.

    Raises:
        InputError: A classical method is given a checkpoint, a vocoder or a way.
    """
    if method == MODEL:
        return loading.load(model, device, vocoder, **ways)
    given = [f"--{name}" for name, value in {"model": model, "vocoder": vocoder, **ways}.items() if value is not None]
    if given:
        raise InputError(f"--method {method} has no model to set: leave out {', '.join(given)}")
    return ClassicalConverter(configuration.build({"kind": METHODS[method]}), method)


def convert(
    source: Path, targets: Sequence[Path], out: Path | None, converter: Converter, pitch: Pitch = "auto"
) -> int:
    """Converts a file or a folder to the voice of all targets together; returns how many recordings were left out."""
    found, voice_of, targets = files_below(source), remembered_voices(converter, pitch), tuple(targets)
    target, by = voice_of(targets), f"-{converter.name}" if converter.name else ""
    if source.is_dir():
        warn_of_targets(targets, converter.sample_rate)
        folder = out or Path(f"{source.resolve().name}-as-{targets[0].stem}{by}")
        return convert_each(converter, voice_of, [Line(path, targets, name) for name, path in found], folder)
    to = out if out and not out.is_dir() else (out or Path()) / f"{source.stem}-as-{targets[0].stem}{by}.wav"
    write_converted(converter, source, target, to)
    warn_of_targets(targets, converter.sample_rate)  # behind it, so that an error is one line
    print(to)
    return 0


def convert_list(list_file: Path, out: Path, converter: Converter, pitch: Pitch = "auto") -> int:
    """Converts every line of a list into `out/name.wav`; returns how many were left out."""
    return convert_each(converter, remembered_voices(converter, pitch), read_list(list_file), out)


def remembered_voices(converter: Converter, pitch: Pitch) -> VoiceOf:
    """Measures voices, those of late not again."""
    return lru_cache(KEPT_VOICES)(lambda targets: converter.voice(list(targets), pitch))


def enroll(recordings: Sequence[Path], out: Path, model: Path | None, device: str) -> int:
    """Writes the voice of recordings to a file that `convert` takes in their place."""
    converter = loading.load(model, device)
    converter.enroll(list(recordings), out)
    warn_of_targets(recordings, converter.sample_rate)
    print(out)
    return 0


def convert_each(converter: Converter, voice_of: VoiceOf, lines: Sequence[Line], folder: Path) -> int:
    """Converts every line into `folder/name.wav`; what cannot be used is listed."""
    skipped: list[str] = []
    started, seconds = time.monotonic(), 0.0
    for line in progress(lines, unit="file"):
        try:
            to = folder / f"{line.name}.wav"
            seconds += write_converted(converter, line.source, voice_of(line.targets), to)
        except InputError as error:
            skipped.append(str(error))
    if len(skipped) == len(lines):
        raise InputError(f"not one of {len(lines)} recordings could be converted; the first: {skipped[0]}")
    spent = time.monotonic() - started
    num_done = len(lines) - len(skipped)
    print(f"{folder}: {num_done:,} recordings, {seconds:.0f} s of speech in {spent:.0f} s")
    list_skipped(skipped)
    return len(skipped)


def write_converted(converter: Converter, source: Path, target: Any, to: Path) -> float:
    """Writes one conversion, whole or not at all; returns its length in seconds.

    Raises:
        InputError: The source cannot be used, or is where the conversion would go.
    """
    if to.exists() and to.samefile(source):
        raise InputError(f"{to}: is the source itself, which would be overwritten; give another -o")
    num_samples, rate = 0, writable_rate(to, sample_rate(source))
    with Writer(to, rate) as writer:
        for piece in resampled(converter.convert_blocks(source, target), converter.sample_rate, rate):
            writer.write(piece)
            num_samples += len(piece)
    return num_samples / rate
