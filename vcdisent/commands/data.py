"""vcdisent prepare, validate, trials, recode and features: from a corpus on disk to frames on disk."""

import sys
from importlib import import_module
from pathlib import Path

from vcdisent import config as configuration
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.corpora.trials import write_trials


def prepare(corpus: str, root: Path, out: Path) -> int:
    """Makes the data dirs of a corpus; returns how many recordings were left out."""
    skipped: list[str] = []
    module = import_module(f"vcdisent.corpora.{corpus}")
    module.prepare(root, out, skipped)
    return len(skipped)


def validate(data_dir: Path, allow_pipes: bool) -> int:
    """Checks a data dir and says what it holds."""
    utterances = read_data_dir(data_dir, allow_pipes)
    num_speakers = len({utterance.speaker for utterance in utterances})
    print(f"{data_dir}: valid: {len(utterances):,} utterances, {num_speakers:,} speakers")
    return 0


def trials(data_dir: Path, out: Path | None, cross_chapter: bool = False) -> int:
    """Writes pairs of a data dir's utterances as trials: all, or no target ones from within a chapter."""
    path = out or data_dir / "trials"
    num_trials = write_trials(path, read_data_dir(data_dir, allow_pipes=True, check_sources=False), cross_chapter)
    print(f"{path}: {num_trials:,} trials")
    return 0


def recode(data_dir: Path, out: Path, container: str, allow_pipes: bool) -> int:
    """Writes the recordings of a data dir in another format; returns how many were left out."""
    from vcdisent.corpora import recode as recoding

    skipped: list[str] = []
    recoding.recode(data_dir, out, container, skipped, allow_pipes)
    return len(skipped)


def features(data_dir: Path, out: Path, num_jobs: int, allow_pipes: bool, overrides: list[str]) -> int:
    """Makes the frames of a data dir; returns how many recordings were left out."""
    from vcdisent.features.extract import extract

    settings = configuration.compose(overrides)["features"]
    utterances = read_data_dir(data_dir, allow_pipes)
    skipped = extract(utterances, configuration.build(settings), settings, out, num_jobs)
    list_skipped(skipped)
    print(f"{out}: frames of {len(utterances) - len(skipped):,} utterances", file=sys.stderr)
    return len(skipped)
