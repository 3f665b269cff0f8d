"""Kaldi data dirs: what every corpus is made into, and what everything after it reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from vcdisent import audio
from vcdisent.atomic import write_text
from vcdisent.corpora import datadir_checks as checks
from vcdisent.corpora.tables import Row, read_table
from vcdisent.errors import InputError


@dataclass(frozen=True)
class Utterance:
    """One recording of one speaker.

    Args:
        id: starts with the speaker, so that sorting by utterance sorts by speaker.
        speaker: its speaker.
        source: the path of the recording, or a shell command that writes it, ending in `|`.
        gender: "f", "m" or None where it is not known.
        text: the words, or None.
        phones: (start_s, duration_s, phone), in order; empty where there is no alignment.
    """

    id: str
    speaker: str
    source: str
    gender: str | None = None
    text: str | None = None
    phones: tuple[checks.Phone, ...] = ()

    @property
    def is_pipe(self) -> bool:
        """Whether the source is a shell command."""
        return self.source.endswith("|")

    def read(self, sample_rate: int | None = None) -> tuple[np.ndarray, int]:
        """Read the recording, wav (N,) and its rate in Hz, as `vcdisent.audio.read` does. A command is run."""
        return (audio.read_pipe if self.is_pipe else audio.read)(self.source, sample_rate)


def write_data_dir(path: str | Path, utterances: Iterable[Utterance]) -> None:
    """Write a data dir, each file whole or not at all, `wav.scp` last; optional files with nothing in them are removed.

    Args:
        path: the folder; made where needed.
        utterances: in any order.

    Raises:
        InputError: there are none, an id comes twice or does not start with its speaker, or a field breaks the format.
    """
    path = Path(path)
    ordered = sorted(utterances, key=lambda utterance: utterance.id)
    _check_fields(path, ordered)
    checks.check_speakers(path / "utt2spk", {u.id: Row(u.speaker, line) for line, u in enumerate(ordered, start=1)})
    (path / "wav.scp").unlink(missing_ok=True)
    for name, lines in _files(ordered).items():
        if lines:
            write_text(path / name, "".join(f"{line}\n" for line in lines))
        else:
            (path / name).unlink(missing_ok=True)


def read_data_dir(path: str | Path, allow_pipes: bool = False, check_sources: bool = True) -> list[Utterance]:
    """Read and validate a data dir.

    Args:
        path: a folder with `wav.scp utt2spk spk2utt` and, if known, `spk2gender text phones.ctm`.
        allow_pipes: accept shell commands in `wav.scp`. They are run when the recording is read.
        check_sources: see that the recordings are there.

    Returns:
        The utterances, sorted by id.

    Raises:
        InputError: naming the file and the line that is wrong.
    """
    path = Path(path)
    if (path / "segments").exists():
        raise InputError(f"{path}/segments: is not read: run utils/data/extract_wav_segments_data_dir.sh first")
    sources = read_table(path / "wav.scp", "utterance recording")
    speakers = read_table(path / "utt2spk", "utterance speaker", one_word=True)
    checks.check_speakers(path / "utt2spk", speakers)
    checks.check_known(path / "wav.scp", sources, speakers, "utt2spk")
    checks.check_known(path / "utt2spk", speakers, sources, "wav.scp")
    checks.check_sources(path / "wav.scp", sources, allow_pipes, check_sources)
    genders = checks.read_genders(path / "spk2gender", checks.check_spk2utt(path / "spk2utt", speakers))
    texts = checks.read_texts(path / "text", speakers)
    phones = checks.read_phones(path / "phones.ctm", speakers)
    return [
        Utterance(
            name, speaker, sources[name].value, genders.get(speaker), texts.get(name), tuple(phones.get(name, ()))
        )
        for name, (speaker, _) in speakers.items()
    ]


def _check_fields(path: Path, ordered: Sequence[Utterance]) -> None:
    if not ordered:
        raise InputError(f"{path}: has nothing to write: at least one readable recording is needed")
    for earlier, later in pairwise(ordered):
        if earlier.id == later.id:
            raise InputError(f"{path}: {later.id} is both {earlier.source} and {later.source}: keep one of them")
    for utterance in ordered:
        if not utterance.speaker or utterance.id.split() != [utterance.id]:
            raise InputError(f"{path}: {utterance.source} has the id {utterance.id!r}: give one without spaces")
        if not utterance.source or utterance.source.strip() != utterance.source or "\n" in utterance.source:
            raise InputError(
                f"{path}: {utterance.source!r} cannot stand in wav.scp: rename it without white space at its ends"
            )
        if utterance.gender not in (None, *checks.GENDERS):
            raise InputError(f"{path}: {utterance.speaker} has the gender {utterance.gender!r}: give f, m or None")


def _files(ordered: Sequence[Utterance]) -> dict[str, list[str]]:
    """The lines of each file, `wav.scp` last: a data dir without it is not finished."""
    speakers = {speaker: list(group) for speaker, group in groupby(ordered, key=lambda utterance: utterance.speaker)}
    return {
        "utt2spk": [f"{u.id} {u.speaker}" for u in ordered],
        "spk2utt": [" ".join([speaker, *(u.id for u in group)]) for speaker, group in speakers.items()],
        "spk2gender": [f"{speaker} {group[0].gender}" for speaker, group in speakers.items() if group[0].gender],
        "text": [f"{u.id} {' '.join(u.text.split())}" for u in ordered if u.text and u.text.strip()],
        "phones.ctm": [
            f"{u.id} 1 {start:.7f} {length:.7f} {phone}" for u in ordered for start, length, phone in u.phones
        ],
        "wav.scp": [f"{u.id} {u.source}" for u in ordered],
    }
