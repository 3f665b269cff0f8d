"""Lists of conversions: what `convert --list` makes, `evaluate conversion` judges and `page` plays."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from vcdisent.errors import InputError

FORM = "source target [target ...] name"


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
    """The conversions in a list; blank lines, and those whose first word is #, are passed over.

    Raises:
        InputError: The file cannot be read, a line has fewer than three words (those with spaces in quotes), or a name
            is taken or leads out of the folder.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # some editors put a mark before the first
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a file of lines: {FORM}") from None
    except UnicodeError as error:
        raise InputError(f"{path}: is no text in UTF-8 ({error}); give a file of lines: {FORM}") from None
    conversions: dict[str, Line] = {}
    for number, text in enumerate(lines, start=1):
        if text.split()[:1] not in ([], ["#"]):  # a recording may be called #1.wav
            line = read_line(text, f"{path} line {number}")
            if line.name in conversions:
                raise InputError(f"{line.where}: the name {line.name} is taken; give each conversion its own")
            conversions[line.name] = line
    if not conversions:
        raise InputError(f"{path}: is empty; a line is: {FORM}")
    return list(conversions.values())


def read_line(text: str, where: str) -> Line:
    """One conversion; `where` it stands is named in errors, which are those of `read_list`."""
    try:
        fields = shlex.split(text)
    except ValueError as error:
        raise InputError(f"{where}: cannot be told apart in words ({error}); a line is: {FORM}") from None
    if len(fields) < 3:
        raise InputError(f"{where}: has fewer than 3 words; a line is: {FORM}")
    source, *targets, name = fields
    if Path(name).is_absolute() or ".." in Path(name).parts or Path(name).is_file():
        raise InputError(f"{where}: {name} is a path, not the name to give; a line is: {FORM}")
    return Line(Path(source), tuple(map(Path, targets)), name, where)
