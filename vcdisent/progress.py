"""Progress with rate and time left: a live bar on a terminal, a line now and then in a log file."""

import sys
from typing import Any

from tqdm import tqdm

SECONDS_IN_A_LOG = 30.0


def progress(*arguments: Any, **options: Any) -> tqdm:
    """tqdm, which in a file would rewrite its line ten times a second."""
    return tqdm(*arguments, mininterval=0.1 if sys.stderr.isatty() else SECONDS_IN_A_LOG, **options)
