"""What a corpus holds: its hours or sequences, and what had to be left out."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from vcdisent import audio
from vcdisent.corpora.datadir import Utterance, write_data_dir
from vcdisent.corpora.videodir import Clip, write_video_dir
from vcdisent.counted import counted
from vcdisent.errors import InputError

T = TypeVar("T")
R = TypeVar("R")


def write_surveyed(path: str | Path, utterances: Iterable[Utterance], skipped: list[str]) -> list[Utterance]:
    """Write a data dir of the recordings whose headers can be read, and print how much that is.

    Args:
        path: the data dir.
        utterances: in any order.
        skipped: gets a line about each recording that is left out.

    Returns:
        What was written, sorted by id.

    Raises:
        InputError: there is nothing to write, or it makes no valid data dir.
    """
    surveyed = usable(path, utterances, lambda utterance: (utterance, audio.duration_s(utterance.source)), skipped)
    kept = sorted((utterance for utterance, _ in surveyed), key=lambda utterance: utterance.id)
    write_data_dir(path, kept)
    print(describe(path, kept, sum(seconds for _, seconds in surveyed)))
    return kept


def write_clips(path: str | Path, clips: Iterable[Clip]) -> list[Clip]:
    """Write a data dir of video, and print how much that is.

    Args:
        path: the data dir.
        clips: in any order.

    Returns:
        What was written, sorted by id.

    Raises:
        InputError: there is nothing to write, or it makes no valid data dir.
    """
    ordered = sorted(clips, key=lambda clip: clip.id)
    write_video_dir(path, ordered)
    print(describe_clips(path, ordered))
    return ordered


def usable(where: str | Path, items: Iterable[T], use: Callable[[T], R], skipped: list[str]) -> list[R]:
    """Apply `use` to each item, leaving out those for which it raises an `InputError`.

    Args:
        where: how to call all of it in an error.
        items: what to use.
        use: gives a result for one item.
        skipped: gets the error of each item that is left out.

    Returns:
        The results.

    Raises:
        InputError: none of the items can be used.
    """
    results, reasons = [], []
    for item in items:
        try:
            results.append(use(item))
        except InputError as error:
            reasons.append(str(error))
    if reasons and not results:
        raise InputError(f"{where}: none of {counted(len(reasons), 'recording')} can be used; the first: {reasons[0]}")
    skipped.extend(reasons)
    return results


def describe(path: str | Path, utterances: list[Utterance], seconds: float) -> str:
    """One line about a data dir: utterances, speakers and hours."""
    speakers = counted(len({utterance.speaker for utterance in utterances}), "speaker")
    return f"{path}: {counted(len(utterances), 'utterance')}, {speakers}, {seconds / 3600:.1f} h"


def describe_clips(path: str | Path, clips: list[Clip]) -> str:
    """One line about a data dir of video: sequences and identities."""
    identities = counted(len({clip.identity for clip in clips}), "identity")
    return f"{path}: {counted(len(clips), 'sequence')}, {identities}"


def list_skipped(skipped: list[str]) -> None:
    """Print what was left out, if anything was, to the error output."""
    if skipped:
        print(f"left out ({len(skipped):,}):", *skipped, sep="\n  ", file=sys.stderr)
