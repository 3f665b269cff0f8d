"""Verification trials: which utterances to compare, and whether one speaker spoke both."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from vcdisent.atomic import whole_file
from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.tables import line_error, read_lines
from vcdisent.errors import InputError

LABELS = {"target": True, "nontarget": False}


def all_pairs(utterances: Iterable[Utterance]) -> Iterator[tuple[str, str, bool]]:
    """Every pair of utterances once, in their order.

    Yields:
        Both ids, and whether the speaker is the same.
    """
    for a, b in combinations(utterances, 2):
        yield a.id, b.id, a.speaker == b.speaker


def cross_chapter_pairs(utterances: Sequence[Utterance]) -> Iterator[tuple[str, str, bool]]:
    """Every pair but those of one speaker reading one chapter, where room, microphone and mood are the same too.

    Args:
        utterances: with LibriSpeech's ids, `speaker-chapter-utterance`.

    Yields:
        Both ids, and whether the speaker is the same.

    Raises:
        InputError: an id names no chapter, or no speaker has read two.
    """
    chapters = {utterance.id: (utterance.speaker, _chapter(utterance)) for utterance in utterances}
    if len(set(chapters.values())) == len({utterance.speaker for utterance in utterances}):
        raise InputError("no speaker has read two chapters, so there are no target trials across chapters")
    return (pair for pair in all_pairs(utterances) if chapters[pair[0]] != chapters[pair[1]])


def _chapter(utterance: Utterance) -> str:
    parts = utterance.id.removeprefix(f"{utterance.speaker}-").split("-")
    if len(parts) < 2:
        raise InputError(f"{utterance.id}: names no chapter; trials across chapters need speaker-chapter-utterance")
    return parts[0]


def write_trials(path: str | Path, utterances: Iterable[Utterance], cross_chapter: bool = False) -> int:
    """Write pairs of some utterances as Kaldi trials, `utterance utterance target|nontarget`.

    Args:
        path: the file.
        utterances: in the order in which they are paired.
        cross_chapter: leave out pairs of one speaker and one chapter; else all pairs are written.

    Returns:
        How many there are.

    Raises:
        InputError: the file cannot be written, or there are no chapters to pair across.
    """
    num_trials = 0
    pairs = cross_chapter_pairs(list(utterances)) if cross_chapter else all_pairs(utterances)
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for a, b, is_target in pairs:
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
