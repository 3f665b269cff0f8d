"""`labels.csv`: which class of what each sequence shows, as text. Data dirs and features folders of video have it."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from vcdisent.atomic import write_text
from vcdisent.corpora.tables import line_error, read_lines
from vcdisent.errors import InputError

LABELS, ID = "labels.csv", "id"
"""The file's name, and that of its first column."""

Labels = Mapping[str, str]
"""The class of one sequence, by what it is a class of: `{"hair": "3", "action": "walk_left"}`."""


def write_labels(path: Path, labels: Mapping[str, Labels]) -> None:
    """Write the labels of each sequence, in the order given.

    Args:
        path: the file.
        labels: by id; the same names for all.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([ID, *next(iter(labels.values()))])
    writer.writerows([name, *own.values()] for name, own in labels.items())
    write_text(path, text.getvalue())


def read_labels(path: Path) -> dict[str, dict[str, str]]:
    """Read the labels of each sequence, in the order of the file.

    Raises:
        InputError: naming the line that has too few or too many fields, one that is empty, or an id that was there.
    """
    (_, head), *rows = read_lines(path)
    first, *names = next(csv.reader([head]))
    if first != ID or not names or not all(names) or len({*names}) < len(names):
        raise line_error(path, 1, f"is {head!r}, where 'id,NAME,...' with different names is expected")
    labels: dict[str, dict[str, str]] = {}
    for line, row in rows:
        name, *values = next(csv.reader([row]), [""])
        if len(values) != len(names) or not name or not all(values):
            raise line_error(path, line, f"is {row!r}, where a value for each of '{head}' is expected")
        if name in labels:
            raise line_error(path, line, f"{name} was on an earlier line already: keep one")
        labels[name] = dict(zip(names, values, strict=True))
    if not labels:
        raise InputError(f"{path}: has no sequences, only its header: at least one is expected")
    return labels
