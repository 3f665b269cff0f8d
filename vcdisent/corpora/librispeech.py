"""LibriSpeech, whole or in part, and whatever has its layout, such as mini-LibriSpeech (openslr.org/12 and /31).

Below ROOT/{train*,dev*,test*}, at any depth: `speaker/chapter/speaker-chapter-NNNN.flac` (or another format) and,
beside them, `speaker-chapter.trans.txt`. Utterance ids are the file names: the hyphen sorts before digits and letters,
so they sort by speaker even though speakers are numbers of different lengths.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.survey import list_skipped, write_surveyed
from vcdisent.corpora.trials import write_trials
from vcdisent.errors import InputError

SPLITS = ("train", "dev", "test")
RECORDING = re.compile(r"([^-]+)-([^-]+)-[^-]+\.(flac|wav|opus|ogg|mp3)", re.IGNORECASE)
DOWNLOAD = (
    "mkdir -p {root} && for s in train-clean-5 dev-clean-2; do"
    " curl -fL https://www.openslr.org/resources/31/$s.tar.gz | tar xz -C {root} --strip-components=1; done"
)
MIN_POOL_SPEAKERS = 6  # two each for train, dev and test: fewer give no trials of two speakers


def prepare(root: str | Path, out: str | Path, skipped: list[str] | None = None) -> dict[str, list[Utterance]]:
    """Make data dirs of LibriSpeech, with trials for dev and test.

    Subsets named train*, dev* and test* are train, dev and test. Without one of dev and test, the speakers of the other
    are halved between them; with one kind of subset only, speakers for the other two are held out of it.

    Args:
        root: the folder that holds the subsets, or a single subset.
        out: gets `train`, `dev` and `test`.
        skipped: gets a line about each recording that is left out.

    Returns:
        The utterances of each split.

    Raises:
        InputError: nothing is found in `root` (names the command that downloads mini-LibriSpeech), there are too few
            speakers, or splits share some.
    """
    skipped = [] if skipped is None else skipped
    found = _find(Path(root))
    if not found:
        command = DOWNLOAD.format(root=shlex.quote(str(root)))
        raise InputError(
            f"{root}: no LibriSpeech found (train*/.../speaker/chapter/*.flac): download one with: {command}"
        )
    splits = _complete(Path(root), found)
    _check_disjoint(Path(root), splits)
    written = {name: write_surveyed(Path(out) / name, splits[name], skipped) for name in SPLITS if name in splits}
    for name in written.keys() - {"train"}:
        write_trials(Path(out) / name / "trials", written[name])
    list_skipped(skipped)
    return written


def read_genders(root: Path) -> dict[str, str]:
    """The gender of each speaker, from the `SPEAKERS.TXT` in `root`, its `licences` folder or the nearest parent."""
    for folder in (root, root / "licences", *root.parents):
        if (folder / "SPEAKERS.TXT").is_file():
            lines = (folder / "SPEAKERS.TXT").read_text(encoding="utf-8", errors="replace").splitlines()
            rows = ([field.strip() for field in line.split("|")] for line in lines if not line.startswith(";"))
            return {row[0]: row[1].lower() for row in rows if len(row) > 1 and row[1] in ("F", "M")}
    return {}


def _find(root: Path) -> dict[str, list[Utterance]]:
    """The utterances below each kind of subset that has any."""
    root = (root / "LibriSpeech" if (root / "LibriSpeech").is_dir() else root).resolve()
    folders = sorted(path for path in root.glob("*") if path.is_dir() and path.name.startswith(SPLITS)) or [root]
    genders = read_genders(root)
    found: dict[str, list[Utterance]] = {}
    for folder in folders:
        for split in SPLITS:
            if folder.name.startswith(split):
                found.setdefault(split, []).extend(_utterances(folder, genders))
    return {split: found[split] for split in SPLITS if found.get(split)}


def _utterances(folder: Path, genders: dict[str, str]) -> Iterator[Utterance]:
    chapters = sorted({path.parent for path in folder.rglob("*-*-*.*")})
    for chapter in chapters:
        texts = _read_transcripts(chapter)
        for path in sorted(chapter.iterdir()):
            match = RECORDING.fullmatch(path.name)
            if match and match.group(1, 2) == (chapter.parent.name, chapter.name):
                speaker = match.group(1)
                yield Utterance(path.stem, speaker, str(path), genders.get(speaker), texts.get(path.stem))


def _read_transcripts(chapter: Path) -> dict[str, str]:
    path = chapter / f"{chapter.parent.name}-{chapter.name}.trans.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return dict(line.split(maxsplit=1) for line in lines if len(line.split()) > 1)


def _complete(root: Path, found: dict[str, list[Utterance]]) -> dict[str, list[Utterance]]:
    """Make up for dev and test where they are missing, and say so."""
    missing = [split for split in SPLITS if split not in found]
    if len(found) == 1:
        (pool,) = found
        print(f"{root}: no {' and no '.join(missing)} subset: speakers for them are held out of {pool}")
        return _hold_out(root, found[pool])
    if missing in (["dev"], ["test"]):
        (pool,) = {"dev", "test"} - set(missing)
        print(f"{root}: no {missing[0]} subset: the speakers of {pool} are halved between dev and test")
        ordered = _speakers(found[pool])
        return {"train": found["train"], **_assign(found[pool], {"dev": ordered[::2], "test": ordered[1::2]})}
    return found


def _hold_out(root: Path, pool: list[Utterance]) -> dict[str, list[Utterance]]:
    """Every tenth speaker for dev and every tenth for test, or more of them where that gave fewer than two."""
    ordered = _speakers(pool)
    if len(ordered) < MIN_POOL_SPEAKERS:
        raise InputError(
            f"{root}: has {len(ordered)} speakers, too few to split: at least {MIN_POOL_SPEAKERS} are needed"
        )
    step = min(10, len(ordered) // 2)
    dev, test = ordered[::step], ordered[1::step]
    return _assign(pool, {"train": [s for s in ordered if s not in {*dev, *test}], "dev": dev, "test": test})


def _speakers(utterances: list[Utterance]) -> list[str]:
    """The speakers, women first where genders are known, so that every n-th of them is a balanced choice."""
    return [speaker for _, speaker in sorted({(u.gender or "", u.speaker) for u in utterances})]


def _assign(pool: list[Utterance], speakers: dict[str, list[str]]) -> dict[str, list[Utterance]]:
    return {split: [u for u in pool if u.speaker in names] for split, names in speakers.items()}


def _check_disjoint(root: Path, splits: dict[str, list[Utterance]]) -> None:
    owner: dict[str, str] = {}
    for split, utterances in splits.items():
        for speaker in {u.speaker for u in utterances}:
            if owner.setdefault(speaker, split) != split:
                raise InputError(f"{root}: speaker {speaker} is in {owner[speaker]} and in {split}: keep one of them")
