"""The lines of Kaldi's text files: a key, white space and a value, sorted by key in C order."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vcdisent.errors import InputError


class Row(NamedTuple):
    """What a line says about its key, and which line it is."""

    value: str
    line: int


def line_error(path: Path, line: int, message: str) -> InputError:
    """The error for a line of a file: what is wrong with it and what would be right."""
    return InputError(f"{path} line {line}: {message}")


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1, without white space at their ends.

    Raises:
        InputError: the file is missing, empty or not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): a Kaldi text file is expected") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start}): a Kaldi text file is expected") from None
    if not text.strip():
        raise InputError(f"{path}: is empty: a Kaldi text file of at least one line is expected")
    for line, row in enumerate(text.removesuffix("\n").split("\n"), start=1):
        yield line, row.strip()


def read_table(path: Path, layout: str, one_word: bool = False) -> dict[str, Row]:
    """Read a file with one line per key.

    Args:
        path: the file.
        layout: how a line should look, for errors, such as "utterance speaker".
        one_word: the value has no white space in it.

    Returns:
        The row of each key, in the order of the file.

    Raises:
        InputError: naming the line that has too few or too many fields, comes twice or is out of order.
    """
    table: dict[str, Row] = {}
    last = ""
    for line, text in read_lines(path):
        fields = text.split(maxsplit=1)
        if len(fields) < 2 or (one_word and len(fields[1].split()) > 1):
            raise line_error(path, line, f"has {len(text.split())} fields, where '{layout}' is expected")
        key, value = fields
        if key in table:
            raise line_error(path, line, f"{key} was on line {table[key].line} already: keep one")
        if key < last:
            raise line_error(path, line, f"{key} is out of order after {last}: sort the file with LC_ALL=C")
        table[key], last = Row(value, line), key
    return table
