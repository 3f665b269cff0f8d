"""Tables for a terminal that is narrower than they are."""

import shutil
import sys
from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

NARROWEST = 8
"""Characters that a column keeps, however narrow a terminal is."""
BETWEEN = 3
"""Characters between two columns; at both ends of a line there are two."""


def terminal_width() -> int | None:
    """Characters in a line of the terminal that is printed to; None where that is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def narrow_table(rows: Sequence[Sequence[str]], width: int) -> str:
    """A table with its cells broken over lines, on its side where it has more columns than rows.

    A rule stands below what is broken, so that one sees where the next row begins.

    Args:
        rows: Cells, those of the header first.
        width: Characters that a line may have.
    """
    turned = list(zip(*rows, strict=True)) if len(rows[0]) > len(rows) else rows
    widths = column_widths(turned, width)
    rule = f"|{'|'.join('-' * (size + 2) for size in widths)}|"
    lines: list[str] = []
    for row in turned:
        broken = [wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
        rules = [rule] if not lines or max(map(len, broken)) > 1 else []
        for parts in zip_longest(*broken, fillvalue=""):
            padded = (part.ljust(size) for part, size in zip(parts, widths, strict=True))
            lines.append(f"| {' | '.join(padded)} |")
        lines += rules
    return "\n".join(lines)


def column_widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Those that the cells want, the widest ones made narrower until a line has no more than `width` characters."""
    widths = [max(1, *map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + BETWEEN * len(widths) + 1 > width and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths
