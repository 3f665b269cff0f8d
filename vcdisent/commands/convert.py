"""vcdisent convert: one recording, a folder, or a list of pairs in other voices."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.audio import Writer, sample_rate, writable_rate
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.embed import files_below
from vcdisent.commands.poor_recordings import told_of_targets
from vcdisent.commands.views import METHODS
from vcdisent.conversion.classical_converter import ClassicalConverter
from vcdisent.conversion.seams import at_rate
from vcdisent.conversion.voice import Pitch
from vcdisent.corpora.survey import list_skipped
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.progress import progress

MODEL = "model"
"""The method that is not classical."""

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


def convert(source: Path, targets: Sequence[Path], out: str | None, converter: Converter, pitch: Pitch = "auto") -> int:
    """Converts a file or a folder to the voice of all targets together; returns how many recordings were left out.

    `out` is as it was typed, since a folder that is not there yet is known by the slash at its end.
    """
    ending = f"-as-{targets[0].stem}-{converter.name}" if converter.name else f"-as-{targets[0].stem}"
    folder = Path(out or f"{source.resolve().name}{ending}")
    lines = lines_of(source, targets, folder) if source.is_dir() else []
    voice = converter.voice(targets, pitch)
    told = "" if converter.name else told_of_targets(targets, converter.sample_rate)  # before one may be written over
    if lines:
        num_skipped = convert_each(converter, lambda _: voice, lines, folder)
    else:
        to = output_file(out or "", f"{source.stem}{ending}.wav")
        write_converted(converter, Line(source, tuple(targets), to.stem), voice, to)
        print(to)
        num_skipped = 0
    print(told, end="", file=sys.stderr)
    return num_skipped


def output_file(out: str, name: str) -> Path:
    """Where one conversion goes: to `out`, or under its own name below that if it is a folder or is written as one."""
    return Path(out) / name if out.endswith("/") or Path(out).is_dir() else Path(out)


def lines_of(source: Path, targets: Sequence[Path], folder: Path) -> list[Line]:
    """The conversions of all recordings below a folder.

    Raises:
        InputError: There are none, or conversions would go where recordings are: next time they would be sources.
    """
    found, here = files_below(source), folder.resolve()
    is_within = source.resolve() in (here, *here.parents)
    if is_within and (lying := [path for _, path in found if here in path.resolve().parents]):
        raise InputError(f"{folder}: is where conversions go, and holds {lying[0]}, a source; give -o outside {source}")
    lines = [Line(path, tuple(targets), name) for name, path in found]
    refuse_overwriting(lines, folder)
    return lines


def refuse_overwriting(lines: Sequence[Line], folder: Path) -> None:
    """Raises an InputError if the conversion of one line would be written over a recording that another one names."""
    given = {path.resolve() for line in lines for path in (line.source, *line.targets)}
    if clash := [line.name for line in lines if (folder / f"{line.name}.wav").resolve() in given]:
        raise InputError(f"{folder}/{clash[0]}.wav: is one of the recordings to convert; give another -o")


def convert_list(list_file: Path, out: Path, converter: Converter, pitch: Pitch = "auto") -> int:
    """Converts every line of a list into `out/name.wav`; returns how many were left out.

    Voice by voice, so that each is measured once and one is kept at a time; of short ones it says nothing.
    """
    lines = sorted(read_list(list_file), key=lambda line: line.targets)
    refuse_overwriting(lines, out)
    return convert_each(converter, lru_cache(1)(lambda targets: converter.voice(targets, pitch)), lines, out)


def enroll(recordings: Sequence[Path], out: Path, model: Path | None, device: str) -> int:
    """Writes the voice of recordings to a file that `convert` takes in their place."""
    converter = loading.load(model, device)
    converter.enroll(recordings, out)
    print(out)
    print(told_of_targets(recordings, converter.sample_rate), end="", file=sys.stderr)
    return 0


def convert_each(converter: Converter, voice_of: VoiceOf, lines: Sequence[Line], folder: Path) -> int:
    """Converts every line into `folder/name.wav`; what cannot be used is listed."""
    skipped: list[str] = []
    started, seconds = time.monotonic(), 0.0
    for line in progress(lines, unit="file"):
        try:
            seconds += write_converted(converter, line, voice_of(line.targets), folder / f"{line.name}.wav")
        except InputError as error:
            skipped.append(f"{line.where}: {error}" if line.where else str(error))
    if len(skipped) == len(lines):
        raise InputError(f"not one of {counted(len(lines), 'recording')} could be converted; the first: {skipped[0]}")
    spent = time.monotonic() - started
    num_done = len(lines) - len(skipped)
    print(f"{folder}: {counted(num_done, 'recording')}, {seconds:.0f} s of speech in {spent:.0f} s")
    list_skipped(skipped)
    return len(skipped)


def write_converted(converter: Converter, line: Line, voice: Any, to: Path) -> float:
    """Writes one conversion, whole or not at all; returns its length in seconds.

    Raises:
        InputError: The source cannot be used, or it or a target is where the conversion would go.
    """
    for path, what in ((line.source, "the source"), *((target, "a target") for target in line.targets)):
        if to.exists() and path.exists() and to.samefile(path):
            raise InputError(f"{to}: is {what} itself, which would be overwritten; give another -o")
    num_samples, rate = 0, writable_rate(to, sample_rate(line.source))
    with Writer(to, rate) as writer:
        pieces = converter.convert_blocks(line.source, voice)
        for piece in at_rate(pieces, converter.sample_rate, rate, line.source):
            writer.write(piece)
            num_samples += len(piece)
    return num_samples / rate
