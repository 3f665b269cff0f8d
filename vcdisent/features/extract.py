"""Data dir to features folder: many workers, resumable, a bad recording is skipped and listed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import kaldiio
import numpy as np
from joblib import Parallel, delayed

from vcdisent.atomic import write_text
from vcdisent.corpora.datadir import Utterance
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.features import store
from vcdisent.features.recording import Features, corpus_frames
from vcdisent.features.waveform import Waveform, unnormalised
from vcdisent.progress import progress

UTTERANCES_A_PART = 64

Frames = Callable[[Utterance], Mapping[str, np.ndarray]]
"""Frames (T, F) of an utterance by the id under which they are kept; it may raise an `InputError`."""


def extract(
    utterances: Sequence[Utterance], features: Features, settings: dict[str, Any], folder: Path, num_jobs: int = 1
) -> list[str]:
    """Writes the frames of `utterances` into `folder`, in parts that each appear whole; those that are there are kept.

    Joblib's backend does the work: inside `joblib.parallel_config("dask")` it runs on a cluster.

    Args:
        utterances: Sorted by id.
        features: Turn waveforms into frames.
        settings: The configuration that `features` were built from, kept beside the frames.
        folder: The features folder.
        num_jobs: Workers.

    Returns:
        One line for each recording that was skipped.

    Raises:
        InputError: The folder holds other features, or not one recording could be read.
    """
    store.keep_settings(folder / store.SETTINGS, settings)
    speakers = {utterance.id: utterance.speaker for utterance in utterances}
    skipped = write_frames(utterances, partial(frames_of, features), speakers, folder, num_jobs)
    if isinstance(features, Waveform):
        store.write_statistics(folder, *unnormalised(features.num_bins))
    return skipped


def frames_of(features: Features, utterance: Utterance) -> dict[str, np.ndarray]:
    """The frames (T, F) of an utterance, under its own id."""
    wav, _ = utterance.read(features.sample_rate)
    return {utterance.id: corpus_frames(features, wav).numpy()}


def write_frames(
    utterances: Sequence[Utterance], frames: Frames, speakers: Mapping[str, str], folder: Path, num_jobs: int
) -> list[str]:
    """Writes and packs whatever frames are made of `utterances`, as `extract` does.

    Args:
        utterances: Sorted by id.
        frames: Makes them; goes to the workers.
        speakers: By the ids under which frames are kept.
        folder: The features folder.
        num_jobs: Workers.

    Returns:
        One line for each recording that was skipped.

    Raises:
        InputError: Not one recording could be read.
    """
    parts = [utterances[i : i + UTTERANCES_A_PART] for i in range(0, len(utterances), UTTERANCES_A_PART)]
    jobs = (delayed(extract_part)(part, frames, folder / "parts" / f"feats.{n:05d}") for n, part in enumerate(parts))
    skipped = []
    with progress(total=len(utterances), unit="utt", desc=str(folder)) as bar:
        finished = Parallel(n_jobs=num_jobs, return_as="generator")(jobs)
        for part, complaints in zip(parts, finished, strict=True):
            skipped += complaints
            bar.update(len(part))
    if len(skipped) == len(utterances):
        tried = counted(len(skipped), "recording")
        raise InputError(f"{folder}: not one of {tried} could be read; the first: {skipped[0]}")
    collect(speakers, folder, len(parts))
    return skipped


def extract_part(utterances: Sequence[Utterance], frames: Frames, stem: Path) -> list[str]:
    """Writes one archive, its scp and the list of what was skipped, then that the part is done; returns that list.

    A part that is there is kept, unless something had to be skipped, which may have been mended since.
    """
    ark, scp, skipped_file, done = (stem.with_name(stem.name + end) for end in (".ark", ".scp", ".skipped", ".done"))
    names = "".join(f"{u.id} {u.source}\n" for u in utterances)
    if done.exists() and done.read_text() == names and not skipped_file.read_text():
        return []
    done.unlink(missing_ok=True)  # until this part is whole again
    stem.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=stem.parent, prefix=".") as workplace:
        unfinished, unfinished_scp = Path(workplace, "ark"), Path(workplace, "scp")
        unfinished.touch()
        unfinished_scp.touch()
        skipped = write_archive(utterances, frames, unfinished, unfinished_scp)
        unfinished.replace(ark)
        write_text(scp, unfinished_scp.read_text().replace(str(unfinished), str(ark)))
    write_text(skipped_file, "".join(f"{line}\n" for line in skipped))
    write_text(done, names)
    return skipped


def write_archive(utterances: Sequence[Utterance], frames: Frames, ark: Path, scp: Path) -> list[str]:
    """Adds the frames of each utterance to an archive and its scp; returns a line for each that cannot be used."""
    skipped = []
    for utterance in utterances:
        try:
            kaldiio.save_ark(str(ark), dict(frames(utterance)), scp=str(scp), append=True)
        except InputError as error:
            skipped.append(f"{utterance.id}: {error}")
    return skipped


def collect(speakers: Mapping[str, str], folder: Path, num_parts: int) -> None:
    """Joins the parts' scp files and packs their frames; archives are beside them, also in a folder that was moved."""
    lines = []
    for n in range(num_parts):
        ark = folder / "parts" / f"feats.{n:05d}.ark"
        places = (line.rsplit(":", 1) for line in ark.with_suffix(".scp").read_text().splitlines())
        lines += [f"{start.split()[0]} {ark}:{offset}\n" for start, offset in places]
    write_text(folder / "feats.scp", "".join(lines))
    matrices = kaldiio.load_scp(str(folder / "feats.scp"))
    num_frames = {utterance: len(matrices[utterance]) for utterance in matrices}
    store.pack(folder, matrices, num_frames, speakers)
