"""vcdisent views: a data dir's utterances in other voices, as frames for training and as recordings to listen to."""

import sys
from collections.abc import Sequence
from pathlib import Path

from vcdisent import config as configuration
from vcdisent.augment.classical_views import make_views
from vcdisent.augment.stored_views import view_id
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.counted import counted

METHODS = {"world": "WorldMethod", "inca": "IncaMethod"}
"""Classes by the names that users give."""


def views(
    data_dir: Path,
    out: Path,
    method: str,
    num_views: int,
    num_jobs: int,
    seed: int,
    wavs: Path | None,
    allow_pipes: bool,
    overrides: list[str],
) -> int:
    """Makes the views of a data dir; returns how many recordings were left out."""
    settings = configuration.compose(overrides)["features"]
    utterances = read_data_dir(data_dir, allow_pipes)
    skipped = make_views(
        utterances,
        configuration.build(settings),
        configuration.build({"kind": METHODS[method]}),
        out,
        settings=settings,
        made_by={"method": method, "num_views": num_views, "seed": seed},
        num_views=num_views,
        seed=seed,
        num_jobs=num_jobs,
        wavs=wavs,
    )
    list_skipped(skipped)
    if wavs is not None:
        say_what_is_unwritten(utterances, len(skipped), num_views, wavs, out)
    num_converted = len(utterances) - len(skipped)
    print(
        f"{out}: frames of {counted(num_views, 'conversion')} of each of {counted(num_converted, 'utterance')}",
        file=sys.stderr,
    )
    return len(skipped)


def say_what_is_unwritten(
    utterances: Sequence[Utterance], num_skipped: int, num_views: int, wavs: Path, out: Path
) -> None:
    """Recordings are written as views are made, so that of views which were there already there are none."""
    names = [view_id(utterance.id, number) for utterance in utterances for number in range(num_views)]
    num_missing = sum(not (wavs / f"{name}.wav").exists() for name in names) - num_skipped * num_views
    if num_missing > 0:
        lacking = f"{wavs}: lacks {counted(num_missing, 'recording')}"
        print(f"{lacking}, whose views were there already; remove {out} to make all anew", file=sys.stderr)
