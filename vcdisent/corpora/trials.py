"""Verification trials: which utterances to compare, and whether one speaker spoke both."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

from vcdisent.atomic import whole_file
from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.tables import line_error, read_lines

LABELS = {"target": True, "nontarget": False}


def all_pairs(utterances: Iterable[Utterance]) -> Iterator[tuple[str, str, bool]]:
    """Every pair of utterances once, in their order.

    Yields:
        Both ids, and whether the speaker is the same.
    """
    for a, b in combinations(utterances, 2):
        yield a.id, b.id, a.speaker == b.speaker


def write_trials(path: str | Path, utterances: Iterable[Utterance]) -> int:
    """Write all pairs of some utterances as Kaldi trials, `utterance utterance target|nontarget`.

    Returns:
        How many there are.

    Raises:
        InputError: the file cannot be written.
    """
    num_trials = 0
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for a, b, is_target in all_pairs(utterances):
            file.write(f"{a} {b} {'target' if is_target else 'nontarget'}\n")
            num_trials += 1
    return num_trials


def read_trials(path: str | Path) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Read Kaldi trials.

    Returns:
        The pairs of ids (N), and whether each is a target trial (N,), bool.

    Raises:
        InputError: naming the line that is wrong.
    """
    path = Path(path)
    pairs, is_target = [], []
    for line, text in read_lines(path):
        fields = text.split()
        if len(fields) != 3 or fields[2] not in LABELS:
            raise line_error(path, line, f"is '{text}', where 'utterance utterance target|nontarget' is expected")
        pairs.append((fields[0], fields[1]))
        is_target.append(LABELS[fields[2]])
    return pairs, np.array(is_target, dtype=bool)
