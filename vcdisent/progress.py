"""Progress with rate and time left: a live bar on a terminal, a line now and then in a log file."""

import sys
from typing import Any, TextIO

from tqdm import tqdm

SECONDS_IN_A_LOG = 30.0


class WholeLines:
    """A log file, in which nothing can be written over: what comes is written line by line, and nothing of a blank.

    Args:
        file: To write to.
    """

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, text: str) -> None:
        """Writes a line."""
        if line := text.strip():
            self.file.write(f"{line}\n")

    def flush(self) -> None:
        """Writes what waits to be written."""
        self.file.flush()


def progress(*arguments: Any, **options: Any) -> tqdm:
    """tqdm; in a file, where it would rewrite its line ten times a second, it is silent about what soon is done."""
    if sys.stderr.isatty():
        return tqdm(*arguments, **options)
    seldom = {"mininterval": SECONDS_IN_A_LOG, "delay": SECONDS_IN_A_LOG}
    return tqdm(*arguments, file=WholeLines(sys.stderr), **seldom, **options)
