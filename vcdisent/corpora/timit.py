"""TIMIT (LDC93S1): `{TRAIN,TEST}/DR[1-8]/{F,M}xxxN/{SA,SI,SX}n.{WAV,PHN,TXT}` in upper or lower case.

The recordings are NIST SPHERE, or RIFF copies of them (`.WAV.wav`). The two dialect sentences (SA), which all speakers
say, are dropped. The split is Kaldi's: all of TRAIN, and from TEST 50 speakers for dev and the 24 of the core test.
"""

import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.survey import list_skipped, usable, write_surveyed
from vcdisent.corpora.timit_phones import read_phones
from vcdisent.corpora.trials import write_trials
from vcdisent.errors import InputError

TREE = re.compile(r"(?:.*/)?(train|test)/dr[1-8]/([fm][a-z]{3}\d)/(s[aix]\d+)\.wav(?:\.wav)?")
NUM_RECORDINGS = {"train": 4620, "test": 1680}
NUM_CORE_TRIALS = 18_336  # all pairs of 24 speakers x 8 sentences


class Recording(NamedTuple):
    """A recording and what lies beside it."""

    part: str
    speaker: str
    sentence: str
    wav: Path
    phn: Path | None
    txt: Path | None


def prepare(
    root: str | Path,
    out: str | Path,
    skipped: list[str] | None = None,
    *,
    speakers: dict[str, list[str]] | None = None,
) -> dict[str, list[Utterance]]:
    """Make data dirs of TIMIT: phones folded to 39 in `phones.ctm`, and trials for dev and test.

    Args:
        root: a folder that holds the tree, at any depth.
        out: gets `train`, `dev` and `test`.
        skipped: gets a line about each recording that is left out.
        speakers: the speakers of each split, from TRAIN and TEST alike; None is Kaldi's split, for which a warning says
            if the corpus is not whole.

    Returns:
        The utterances of each split: 3,696, 400 and 192 if the corpus is whole.

    Raises:
        InputError: there is no TIMIT in `root`, or it is whole and yet the core test has not 18,336 trials.
    """
    root, out, skipped = Path(root), Path(out), [] if skipped is None else skipped
    recordings = find(root)
    if not recordings:
        raise InputError(
            f"{root}: no TIMIT found (.../TRAIN/DR1/FCJF0/SA1.WAV, in any case): give the folder of LDC93S1"
        )
    is_whole = speakers is None and _warn_unless_whole(root, recordings)
    written = {}
    for split, names in (speakers or _kaldi_split(recordings)).items():
        chosen = [r for r in recordings if r.speaker in names and not r.sentence.startswith("SA")]
        written[split] = write_surveyed(out / split, usable(root, chosen, _utterance, skipped), skipped)
    num_trials = {split: write_trials(out / split / "trials", written[split]) for split in written if split != "train"}
    list_skipped(skipped)
    if is_whole and num_trials["test"] != NUM_CORE_TRIALS:
        found = f"{num_trials['test']:,} trials of {len(written['test'])} recordings"
        raise InputError(f"{out}/test/trials: has {found}, not {NUM_CORE_TRIALS:,} of 192: mend what was left out")
    return written


def find(root: Path) -> list[Recording]:
    """All recordings below a folder, each once, sorted by part, speaker and sentence (all three in upper case)."""
    root = root.resolve()
    tree = {path.relative_to(root).as_posix().lower(): path for path in root.rglob("*")}
    found: dict[tuple[str, ...], Recording] = {}
    for name in sorted(tree):
        match = TREE.fullmatch(name)
        if match:
            stem = name.removesuffix(".wav").removesuffix(".wav")
            part, speaker, sentence = (group.upper() for group in match.groups())
            phn, txt = tree.get(f"{stem}.phn"), tree.get(f"{stem}.txt")
            recording = Recording(part, speaker, sentence, tree[name], phn, txt)
            found.setdefault((part, speaker, sentence), recording)  # SPHERE comes before its RIFF copy
    return [found[key] for key in sorted(found)]


def _warn_unless_whole(root: Path, recordings: list[Recording]) -> bool:
    found = {part: sum(r.part == part.upper() for r in recordings) for part in NUM_RECORDINGS}
    if found == NUM_RECORDINGS:
        return True
    counts = " and ".join(f"{found[part]:,} {part.upper()} (whole: {n:,})" for part, n in NUM_RECORDINGS.items())
    print(f"warning: {root}: not the whole of TIMIT: found {counts} recordings", file=sys.stderr)
    return False


def _kaldi_split(recordings: list[Recording]) -> dict[str, list[str]]:
    lists = files("vcdisent.corpora") / "timit_speakers"
    return {
        "train": sorted({r.speaker for r in recordings if r.part == "TRAIN"}),
        "dev": (lists / "dev.spk").read_text(encoding="utf-8").split(),
        "test": (lists / "core_test.spk").read_text(encoding="utf-8").split(),
    }


def _utterance(recording: Recording) -> Utterance:
    return Utterance(
        id=f"{recording.speaker}-{recording.sentence}",
        speaker=recording.speaker,
        source=str(recording.wav),
        gender=recording.speaker[0].lower(),
        text=_read_text(recording.txt) if recording.txt else None,
        phones=read_phones(recording.phn) if recording.phn else (),
    )


def _read_text(path: Path) -> str | None:
    """The words in capitals without punctuation, as LibriSpeech has them; before them stand two sample numbers."""
    fields = path.read_text(encoding="utf-8", errors="replace").split(maxsplit=2)
    words = re.sub(r"[^A-Z' ]", " ", fields[-1].upper()) if len(fields) == 3 else ""
    return " ".join(words.split()) or None
