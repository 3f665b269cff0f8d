"""Data dirs of video: as Kaldi's, with `frames.scp` for the recordings and `labels.csv` for what they show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from vcdisent import video
from vcdisent.atomic import write_text
from vcdisent.corpora import datadir_checks as checks
from vcdisent.corpora.labels import LABELS, Labels, read_labels, write_labels
from vcdisent.corpora.tables import Row, line_error, read_table
from vcdisent.errors import InputError

FRAMES = "frames.scp"


@dataclass(frozen=True)
class Clip:
    """One sequence of frames, of one character, digit or subject: its identity, which stays.

    Args:
        id: starts with the identity, so that sorting by sequence sorts by identity.
        identity: what stays; takes the place that the speaker has with speech.
        source: a .npy file of uint8 (T, H, W, C), or one row of a packed (N, T, H, W, C), named `clips.npy[12]`.
        labels: the class of what it shows, by name.
    """

    id: str
    identity: str
    source: str
    labels: Labels = field(default_factory=dict, hash=False)

    @property
    def file(self) -> Path:
        """The .npy file that holds the frames."""
        row = video.ROW.fullmatch(self.source)
        return Path(row[1] if row else self.source)

    def read(self) -> np.ndarray:
        """Read the frames, uint8 (T, H, W, C), as `vcdisent.video.read_array` does."""
        return video.read_array(self.source)


def is_video_dir(path: str | Path) -> bool:
    """Whether a data dir is one of video."""
    return (Path(path) / FRAMES).is_file()


def write_video_dir(path: str | Path, clips: Iterable[Clip]) -> None:
    """Write a data dir of video, each file whole or not at all, `frames.scp` last.

    Frames that lie beside or below the data dir are named from there, so that all of it can be moved; others by their
    whole path.

    Args:
        path: the folder; made where needed.
        clips: in any order.

    Raises:
        InputError: there are none, an id comes twice or does not start with its identity, or labels differ in names.
    """
    path = Path(path)
    ordered = sorted(clips, key=lambda clip: clip.id)
    _check_clips(path, ordered)
    (path / FRAMES).unlink(missing_ok=True)
    identities = {identity: [c.id for c in group] for identity, group in groupby(ordered, lambda clip: clip.identity)}
    write_text(path / "utt2spk", "".join(f"{clip.id} {clip.identity}\n" for clip in ordered))
    write_text(path / "spk2utt", "".join(" ".join([name, *ids]) + "\n" for name, ids in identities.items()))
    write_labels(path / LABELS, {clip.id: clip.labels for clip in ordered})
    write_text(path / FRAMES, "".join(f"{clip.id} {_name_from(path, clip)}\n" for clip in ordered))


def read_video_dir(path: str | Path) -> list[Clip]:
    """Read and validate a data dir of video; whether the arrays are sound is seen when they are read.

    Args:
        path: a folder with `frames.scp utt2spk spk2utt labels.csv`.

    Returns:
        The clips, sorted by id.

    Raises:
        InputError: naming the file and the line that is wrong.
    """
    path = Path(path)
    sources = read_table(path / FRAMES, "sequence array")
    identities = read_table(path / "utt2spk", "sequence identity", one_word=True)
    checks.check_speakers(path / "utt2spk", identities)
    checks.check_known(path / FRAMES, sources, identities, "utt2spk")
    checks.check_known(path / "utt2spk", identities, sources, FRAMES)
    checks.check_spk2utt(path / "spk2utt", identities)
    labels = read_labels(path / LABELS)
    if list(labels) != list(identities):
        raise InputError(f"{path / LABELS}: its sequences are not those of utt2spk, in that order: make it anew")
    clips = [Clip(name, row.value, str(path / sources[name].value), labels[name]) for name, row in identities.items()]
    _check_files(path, clips, sources)
    return clips


def _check_clips(path: Path, ordered: Sequence[Clip]) -> None:
    if not ordered:
        raise InputError(f"{path}: has nothing to write: at least one sequence is needed")
    for earlier, later in pairwise(ordered):
        if earlier.id == later.id:
            raise InputError(f"{path}: {later.id} is both {earlier.source} and {later.source}: keep one of them")
    for clip in ordered:
        if not clip.identity or clip.id.split() != [clip.id] or "," in clip.id:
            raise InputError(f"{path}: {clip.source} has the id {clip.id!r}: give one without spaces and commas")
        if list(clip.labels) != list(ordered[0].labels) or not clip.labels:
            raise InputError(
                f"{path}: {clip.id} has labels for {list(clip.labels)}: give the same ones to all, and one"
            )
    checks.check_speakers(path / "utt2spk", {c.id: Row(c.identity, line) for line, c in enumerate(ordered, start=1)})


def _name_from(path: Path, clip: Clip) -> str:
    """A clip's source as seen from the data dir, where it lies beside or below it; else its whole path."""
    source, here = Path(clip.source).resolve(), path.resolve()
    if source.is_relative_to(here):
        return str(source.relative_to(here))
    return f"../{source.relative_to(here.parent)}" if source.is_relative_to(here.parent) else str(source)


def _check_files(path: Path, clips: Sequence[Clip], sources: dict[str, Row]) -> None:
    """See that each file is there, asking once for each: many clips lie in one."""
    present: dict[Path, bool] = {}
    for clip in clips:
        if clip.file not in present:
            present[clip.file] = clip.file.is_file()
        if not present[clip.file]:
            raise line_error(path / FRAMES, sources[clip.id].line, f"{clip.file} does not exist: correct the path")
