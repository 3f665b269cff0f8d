"""vcdisent prepare, validate, trials, recode and features: from a corpus on disk to frames on disk."""

import sys
from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path

from vcdisent import config as configuration
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.survey import describe_clips, list_skipped
from vcdisent.corpora.trials import write_trials
from vcdisent.corpora.videodir import is_video_dir, read_video_dir
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.features.extract_video import extract_video
from vcdisent.features.frames import VideoFrames

OPTIONS = {
    "num_train": "--num-train",
    "num_test": "--num-test",
    "digits": "--digits",
    "seed": "--seed",
    "num_jobs": "--nj",
}
"""What single corpora take beside their place, as it stands on the command line."""


def prepare(corpus: str, root: Path, out: Path, options: Mapping[str, int] | None = None) -> int:
    """Makes the data dirs of a corpus; returns how many recordings were left out.

    Args:
        corpus: a module of `vcdisent.corpora`.
        root: where the corpus is.
        out: gets the data dirs.
        options: what was asked of it by name.

    Raises:
        InputError: The corpus has no such option, or cannot be used.
    """
    skipped: list[str] = []
    make = import_module(f"vcdisent.corpora.{corpus}").prepare
    taken, given = signature(make).parameters, dict(options or {})
    for name in given:
        if name not in taken:
            raise InputError(f"prepare {corpus} takes no {OPTIONS[name]}: leave it out")
    make(root, out, **given, **({"skipped": skipped} if "skipped" in taken else {}))
    return len(skipped)


def validate(data_dir: Path, allow_pipes: bool) -> int:
    """Checks a data dir and says what it holds."""
    if is_video_dir(data_dir):
        print(describe_clips(f"{data_dir}: valid", read_video_dir(data_dir)))
        return 0
    utterances = read_data_dir(data_dir, allow_pipes)
    num_speakers = len({utterance.speaker for utterance in utterances})
    print(f"{data_dir}: valid: {counted(len(utterances), 'utterance')}, {counted(num_speakers, 'speaker')}")
    return 0


def trials(data_dir: Path, out: Path | None, cross_chapter: bool = False) -> int:
    """Writes pairs of a data dir's utterances as trials: all, or no target ones from within a chapter."""
    path = out or data_dir / "trials"
    num_trials = write_trials(path, read_data_dir(data_dir, allow_pipes=True, check_sources=False), cross_chapter)
    print(f"{path}: {counted(num_trials, 'trial')}")
    return 0


def recode(data_dir: Path, out: Path, container: str, allow_pipes: bool, speeds: list[float]) -> int:
    """Writes the recordings of a data dir again; returns how many were left out."""
    from vcdisent.corpora import recode as recoding

    skipped: list[str] = []
    recoding.recode(data_dir, out, container, skipped, allow_pipes, speeds)
    return len(skipped)


def features(data_dir: Path, out: Path, num_jobs: int, allow_pipes: bool, overrides: list[str]) -> int:
    """Makes the frames of a data dir of speech or of video; returns how many recordings were left out.

    Raises:
        InputError: The data dir is of video, and the features are for speech, or the other way round.
    """
    settings = configuration.compose(overrides)["features"]
    made = configuration.build(settings)
    if is_video_dir(data_dir) and not isinstance(made, VideoFrames):
        raise InputError(
            f"{data_dir}: is a data dir of video, which {settings['kind']} does not take: add features=frames"
        )
    if isinstance(made, VideoFrames):
        clips = read_video_dir(data_dir)
        return told(out, len(clips), extract_video(clips, made, settings, out))
    from vcdisent.features.extract import extract

    utterances = read_data_dir(data_dir, allow_pipes)
    return told(out, len(utterances), extract(utterances, made, settings, out, num_jobs))


def told(out: Path, num_recordings: int, skipped: list[str]) -> int:
    """Says what was made and what was left out, and returns how many that were."""
    list_skipped(skipped)
    print(f"{out}: frames of {counted(num_recordings - len(skipped), 'utterance')}", file=sys.stderr)
    return len(skipped)
