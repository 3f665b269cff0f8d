"""Any recordings in one folder per speaker: `ROOT/<speaker>/**/*.{wav,flac,mp3,ogg,opus,...}`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.survey import list_skipped, write_surveyed
from vcdisent.errors import InputError

# What libsndfile does not read is looked for as well, so that it is listed rather than passed over.
READABLE = "wav flac mp3 ogg oga opus aif aiff aifc au snd caf sph nist w64 rf64"
UNREADABLE = "m4a aac mp4 wma webm amr ape wv 3gp"
AUDIO_SUFFIXES = {f".{name}" for name in f"{READABLE} {UNREADABLE}".split()}


def prepare(root: str | Path, out: str | Path, skipped: list[str] | None = None) -> dict[str, list[Utterance]]:
    """Make one data dir of a folder of speakers.

    Ids are made of the speaker and the path below its folder: `Ann/day 1/x.wav` becomes `Ann-day_1-x`. A name that
    begins with those of its folders does not say them twice: `118/47/118-47-04.flac` becomes `118-47-04`.

    Args:
        root: holds one folder per speaker.
        out: the data dir.
        skipped: gets a line about each recording that is left out and each speaker without any.

    Returns:
        The utterances, under the one key "all".

    Raises:
        InputError: `root` holds no folder, or no recording that can be read.
    """
    skipped = [] if skipped is None else skipped
    utterances = find(root, skipped)
    written = write_surveyed(out, utterances, skipped)
    list_skipped(skipped)
    return {"all": written}


def find(root: str | Path, skipped: list[str]) -> list[Utterance]:
    """All recordings of a folder of speakers, by their suffix alone, sorted by path.

    Args:
        root: holds one folder per speaker.
        skipped: gets a line about each empty speaker and each recording outside their folders.

    Raises:
        InputError: there is no folder in `root`, or no recording in any of them.
    """
    root = Path(root).resolve()
    entries = sorted(root.iterdir()) if root.is_dir() else []
    folders = [path for path in entries if path.is_dir() and not path.name.startswith(".")]
    strays = [path for path in entries if is_recording(path)]
    skipped.extend(f"{path}: lies in no speaker's folder: move it to {root}/<speaker>/" for path in strays)
    utterances: list[Utterance] = []
    taken: set[str] = set()
    for folder in folders:
        speaker = _unique(re.sub(r"[^\w.]", "_", folder.name), taken)
        found = list(_utterances(folder, speaker))
        if not found:
            skipped.append(f"{folder}: holds no recordings: add some or remove the folder")
        utterances.extend(found)
    if not utterances:
        missing = "" if Path(root).is_dir() else "there is no such folder, and so "
        raise InputError(f"{root}: {missing}no speaker with recordings found: put them into {root}/<speaker>/")
    return utterances


def _utterances(folder: Path, speaker: str) -> Iterator[Utterance]:
    taken: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if is_recording(path):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            said_once = (_without(part, parts[:depth]) for depth, part in enumerate(parts) if depth)
            name = _unique("-".join(re.sub(r"[^\w.-]", "_", part) for part in said_once), taken)
            yield Utterance(f"{speaker}-{name}", speaker, str(path))


def _without(name: str, folders: Sequence[str]) -> str:
    """`name` less the names of the folders that it lies in, where it begins with them and goes on."""
    for folder in folders:
        name = re.sub(rf"^{re.escape(folder)}[-_. ]+(?=.)", "", name)
    return name


def is_recording(path: Path) -> bool:
    """Whether a file is named like a recording."""
    return path.suffix.lower() in AUDIO_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _unique(name: str, taken: set[str]) -> str:
    """`name`, or the first of `name_2`, `name_3`, ... that is free; takes it."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free
