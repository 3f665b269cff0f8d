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
from vcdisent.audio_write import OPUS_RATES_HZ
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.conversion_places import lines_of, output_file, output_folder, refuse_overwriting
from vcdisent.commands.cost import Cost, save_cost
from vcdisent.commands.poor_recordings import Notices
from vcdisent.commands.views import METHODS
from vcdisent.conversion.classical_converter import ClassicalConverter
from vcdisent.conversion.seams import at_rate
from vcdisent.conversion.voice import Pitch, is_enrolled
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

    def heard_s(self, voice: Any) -> float:
        """How many seconds of speech a voice was heard in."""
        ...

    def convert_blocks(self, source: Path, target: Any) -> Iterator[np.ndarray]:
        """The source in a voice, in pieces (N,)."""
        ...


def make_converter(
    method: str, model: Path | None, vocoder: str | None, device: str, seed: int | None = None, **ways: float | None
) -> Converter:
    """The converter of a checkpoint, or that of a classical method, which has neither checkpoint nor vocoder.

    Raises:
        InputError: A classical method is given a checkpoint, a vocoder or a way.
    """
    if method == MODEL:
        return loading.load(model, device, vocoder, seed=seed, **ways)
    given = [f"--{name}" for name, value in {"model": model, "vocoder": vocoder, **ways}.items() if value is not None]
    if given:
        raise InputError(f"--method {method} has no model to set: leave out {', '.join(given)}")
    return ClassicalConverter(configuration.build({"kind": METHODS[method]}), method)


def convert(source: Path, targets: Sequence[Path], out: str | None, converter: Converter, pitch: Pitch = "auto") -> int:
    """Converts a file or a folder to the voice of all targets together; returns how many recordings were left out.

    `out` is as it was typed, since a folder that is not there yet is known by the slash at its end.
    """
    ending = f"-as-{targets[0].stem}-{converter.name}" if converter.name else f"-as-{targets[0].stem}"
    notices = Notices(converter.sample_rate)
    if source.is_dir():
        folder = output_folder(out or f"{source.resolve().name}{ending}/")
        lines = lines_of(source, targets, folder)
        voice = measured(converter, targets, pitch, notices)
        return convert_each(converter, lambda _: voice, lines, folder, notices)
    name = f"{source.stem}{ending}.wav"
    to = output_file(out or name, name)
    voice = measured(converter, targets, pitch, notices)  # before a target may be written over
    notices.take_source(source, write_converted(converter, Line(source, tuple(targets), to.stem), voice, to))
    print(to)
    notices.tell()
    tell_of_rate(source, to)
    return 0


def measured(converter: Converter, targets: Sequence[Path], pitch: Pitch, notices: Notices) -> Any:
    """The voice of recordings, of which notice is taken."""
    voice = converter.voice(targets, pitch)
    notices.take_voice(targets, converter.heard_s(voice), lacks_pitch=pitch == "auto" and voice.pitch is None)
    return voice


def tell_of_rate(source: Path, to: Path) -> None:
    """Says where a conversion cannot have the rate of its source."""
    own = sample_rate(source)
    if (rate := writable_rate(to, own)) != own:
        known = ", ".join(f"{rate:,}" for rate in OPUS_RATES_HZ)
        print(f"{to}: is at {rate:,} Hz, not at its source's {own:,}: Opus takes {known} alone", file=sys.stderr)


def convert_list(list_file: Path, out: str, converter: Converter, pitch: Pitch = "auto") -> int:
    """Converts every line of a list into `out/name.wav`; returns how many were left out.

    Voice by voice, so that each is measured once and one is kept at a time. What it cost goes beside them, for those
    who judge them.
    """
    folder, notices = output_folder(out), Notices(converter.sample_rate)
    lines = sorted(read_list(list_file), key=lambda line: line.targets)
    refuse_overwriting(lines, folder)
    voice_of = lru_cache(1)(lambda targets: measured(converter, targets, pitch, notices))
    return convert_each(converter, voice_of, lines, folder, notices, keeps_cost=True)


def enroll(recordings: Sequence[Path], out: Path, model: Path | None, device: str) -> int:
    """Writes the voice of recordings to a file that `convert` takes in their place."""
    converter = loading.load(model, device)
    voice, notices = converter.enroll(recordings, out), Notices(converter.sample_rate)
    notices.take_voice(recordings, converter.heard_s(voice), lacks_pitch=voice.pitch is None)
    print(out)
    notices.tell()
    return 0


def convert_each(
    converter: Converter,
    voice_of: VoiceOf,
    lines: Sequence[Line],
    folder: Path,
    notices: Notices,
    keeps_cost: bool = False,
) -> int:
    """Converts every line into `folder/name.wav`; what cannot be used is listed, and notice of the rest is taken."""
    skipped: list[str] = []
    started, seconds = time.monotonic(), 0.0
    for line in progress(lines, unit="file"):
        try:
            lasts_s = write_converted(converter, line, voice_of(line.targets), folder / f"{line.name}.wav")
        except InputError as error:
            skipped.append(f"{line.where}: {error}" if line.where else str(error))
            continue
        seconds += lasts_s
        notices.take_source(line.source, lasts_s)
    if len(skipped) == len(lines):
        raise InputError(f"not one of {counted(len(lines), 'recording')} could be converted; the first: {skipped[0]}")
    cost = Cost.of(seconds, time.monotonic() - started)
    if keeps_cost:
        save_cost(folder, cost)
    num_done = len(lines) - len(skipped)
    print(f"{folder}: {counted(num_done, 'recording')}, {seconds:.0f} s of speech in {cost.spent_s:.0f} s")
    notices.tell()
    list_skipped(skipped)
    return len(skipped)


def write_converted(converter: Converter, line: Line, voice: Any, to: Path) -> float:
    """Writes one conversion, whole or not at all; returns its length in seconds.

    Raises:
        InputError: The source cannot be used or is a voice, or it or a target is where the conversion would go.
    """
    if is_enrolled(line.source):
        raise InputError(f"{line.source}: is an enrolled voice, which goes second, after the recording to convert")
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
