"""Lists of conversions: what `convert --list` makes, `evaluate conversion` judges and `page` plays."""

import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vcdisent.corpora.folder import AUDIO_SUFFIXES
from vcdisent.errors import InputError

FORM = "source target [target ...] name"
FAULTS_TOLD = 5


@dataclass(frozen=True)
class Line:
    """One conversion.

    Attributes:
        source: What is said.
        targets: Recordings of the voice, or the file of an enrolled one.
        name: Of what comes out, without `.wav`.
        where: Its list and line, to be named in what is said of it; empty for one of no list.
    """

    source: Path
    targets: tuple[Path, ...]
    name: str
    where: str = field(default="", compare=False)

    @property
    def is_to_itself(self) -> bool:
        """Whether the voice is the source's own, as heard in it."""
        return self.targets == (self.source,)


def read_list(path: Path) -> list[Line]:
    """The conversions in a list; blank lines are passed over, and so is what comes after a word that is just #.

    A list is mended before hours of work, not after: one line that is no conversion, and there are none.

    Raises:
        InputError: The file cannot be read, or lines have fewer than three words (those with spaces in quotes), or a
            name that is taken, is a recording's, or leads out of the folder; the first few such lines are told.
    """
    conversions: dict[str, Line] = {}
    faults: list[str] = []
    for number, text in enumerate(read_lines(path), start=1):
        try:
            if fields := words_of(text):
                line = line_of(fields, f"{path} line {number}")
                if (place := str(Path(line.name))) in conversions:
                    raise ValueError(f"the name {line.name} is taken; give each conversion its own")
                conversions[place] = line
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        raise InputError(f"{path} {told_of_faults(faults)}; a line is: {FORM}")
    if not conversions:
        raise InputError(f"{path}: holds no conversions, or none but in comments; a line is: {FORM}")
    return list(conversions.values())


def read_lines(path: Path) -> list[str]:
    """The lines of a text file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()  # some editors put a mark before the first
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a file of lines: {FORM}") from None
    except UnicodeError as error:
        raise InputError(f"{path}: is no text in UTF-8 ({error}); give a file of lines: {FORM}") from None


def words_of(text: str) -> list[str]:
    """The words of a line up to one that is just #; a recording may be called #1.wav.

    Raises:
        ValueError: A quotation has no end.
    """
    for comment in re.finditer(r"(?<!\S)#(?!\S)", text):
        with suppress(ValueError):  # it is in quotes
            return shlex.split(text[: comment.start()])
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be told apart in words ({error})") from None


def line_of(fields: Sequence[str], where: str) -> Line:
    """One conversion of its words, and where they stand.

    Raises:
        ValueError: They make none.
    """
    if len(fields) < 3:
        raise ValueError("has fewer than 3 words")
    source, *targets, name = fields
    if Path(name).is_absolute() or ".." in Path(name).parts or Path(name).is_file():
        raise ValueError(f"{name} is a path, not the name to give")
    if Path(name).suffix.lower() in AUDIO_SUFFIXES:
        raise ValueError(
            f"{name} is a recording, not the name to give, such as {Path(name).with_suffix('')}, without .wav"
        )
    return Line(Path(source), tuple(map(Path, targets)), name, where)


def told_of_faults(faults: Sequence[str]) -> str:
    """One or more faults of a list in a line."""
    if len(faults) == 1:
        return faults[0]
    more = f"; and {len(faults) - FAULTS_TOLD} more" if len(faults) > FAULTS_TOLD else ""
    return f"has {len(faults)} lines that are no conversions: {'; '.join(faults[:FAULTS_TOLD])}{more}"
