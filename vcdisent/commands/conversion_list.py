"""Lists of conversions: what `convert --list` makes, `evaluate conversion` judges and `page` plays."""

import shlex
from dataclasses import dataclass
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
    """

    source: Path
    targets: tuple[Path, ...]
    name: str

    @property
    def is_to_itself(self) -> bool:
        """Whether the voice is the source's own, as heard in it."""
        return self.targets == (self.source,)


def read_list(path: Path) -> list[Line]:
    """The conversions in a list.

    Raises:
        InputError: The file cannot be read, a line has fewer than three words (those with spaces in quotes), or a name
            is taken or leads out of the folder.
    """
    try:
        lines = [shlex.split(line) for line in path.read_text().splitlines()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a file of lines: {FORM}") from None
    except ValueError as error:
        raise InputError(f"{path}: is no list of conversions ({error}); a line is: {FORM}") from None
    conversions: dict[str, Line] = {}
    for number, fields in enumerate(lines, start=1):
        if not fields:
            continue
        if len(fields) < 3:
            raise InputError(f"{path} line {number}: has fewer than 3 words; a line is: {FORM}")
        source, *targets, name = fields
        if Path(name).is_absolute() or ".." in Path(name).parts or Path(name).is_file():
            raise InputError(f"{path} line {number}: {name} is a path, not the name to give; a line is: {FORM}")
        if name in conversions:
            raise InputError(f"{path} line {number}: the name {name} is taken; give each conversion its own")
        conversions[name] = Line(Path(source), tuple(map(Path, targets)), name)
    if not conversions:
        raise InputError(f"{path}: is empty; a line is: {FORM}")
    return list(conversions.values())
