"""Verbs that make data: data dirs, frames, views."""

import argparse
from pathlib import Path

from vcdisent.errors import InputError
from vcdisent.verbs.arguments import Parser, add_overrides, add_pipes, whole_number

SPEECH = ("timit", "librispeech", "folder", "minitimit")
VIDEO = ("sprites", "drawn_sprites", "smmnist", "mug", "drawn_mug")
CORPORA = (*SPEECH, *VIDEO)
"""Each is a module in vcdisent.corpora."""


def prepare(verb: Parser) -> None:
    """Make the data dirs of a corpus."""
    verb.add_argument("corpus", choices=CORPORA)
    where = "where the corpus is, or one made here goes (default: the current folder is searched, or written into)"
    verb.add_argument("root", type=Path, nargs="?", help=where)
    verb.add_argument("out", type=Path, help="gets train, dev and test (folder: is the data dir)")
    verb.add_argument("--nj", dest="num_jobs", type=whole_number, help="smmnist, mug: workers (default 1)")
    verb.add_argument("--num-train", type=whole_number, metavar="N", help="smmnist: sequences to learn from (10000)")
    verb.add_argument(
        "--num-test", type=whole_number, metavar="N", help="smmnist: likewise for dev and for test (1000)"
    )
    verb.add_argument("--digits", type=int, choices=(1, 2), help="smmnist: digits in a sequence (default 1)")
    verb.add_argument("--seed", type=int, help="smmnist: key of all randomness (default 0)")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        if given.corpus == "folder" and given.root is None:
            raise InputError(
                "prepare folder takes ROOT and OUT: the folder of speakers' folders, and the data dir to make"
            )
        options = {name: value for name in data.OPTIONS if (value := getattr(given, name)) is not None}
        return data.prepare(given.corpus, given.root or Path(), given.out, options)

    verb.set_defaults(run=run)


def validate(verb: Parser) -> None:
    """Check a data dir."""
    verb.add_argument("data_dir", type=Path)
    add_pipes(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        return data.validate(given.data_dir, given.allow_pipes)

    verb.set_defaults(run=run)


def trials(verb: Parser) -> None:
    """Write all pairs of a data dir's utterances as trials."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("-o", "--out", type=Path, help="default: DATA_DIR/trials")
    across = "no pairs of one speaker and one chapter (ids speaker-chapter-utterance)"
    verb.add_argument("--cross-chapter", action="store_true", help=across)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        return data.trials(given.data_dir, given.out, given.cross_chapter)

    verb.set_defaults(run=run)


def align(verb: Parser) -> None:
    """Find which phone is spoken when, where the words are known (needs the extra `align`)."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("-o", "--out", type=Path, help="data dir to write (default: DATA_DIR itself gets phones.ctm)")
    verb.add_argument("--nj", type=whole_number, default=1, help="workers (default 1)")
    verb.add_argument("--max-per-speaker", type=whole_number, metavar="N", help="with -o: keep N utterances of each")
    add_pipes(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.align import align as run_alignment

        return run_alignment(given.data_dir, given.out, given.nj, given.max_per_speaker, given.allow_pipes)

    verb.set_defaults(run=run)


def recode(verb: Parser) -> None:
    """Write the recordings of a data dir again: in another format, or at other speeds."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("out", type=Path)
    verb.add_argument("--format", required=True, choices=("opus", "flac", "wav"))
    speeds = (
        "at each of which to write all, such as 0.9 1 1.1: others than 1 are further speakers, sp1.1-NAME (default 1)"
    )
    verb.add_argument("--speed", type=float, nargs="+", default=[1.0], metavar="X", help=speeds)
    add_pipes(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        return data.recode(given.data_dir, given.out, given.format, given.allow_pipes, given.speed)

    verb.set_defaults(run=run)


def features(verb: Parser) -> None:
    """Make the frames of a data dir."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("out", type=Path)
    verb.add_argument("--nj", type=whole_number, default=1, help="workers (default 1)")
    add_pipes(verb)
    add_overrides(verb, "features=log_mel features.trim_db=40")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        return data.features(given.data_dir, given.out, given.nj, given.allow_pipes, given.overrides)

    verb.set_defaults(run=run)


def views(verb: Parser) -> None:
    """Make keep-dynamic views of a data dir beforehand: its utterances in other voices, as frames."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("out", type=Path)
    verb.add_argument("--method", choices=("world", "inca"), default="world", help="default: world")
    verb.add_argument("--num", type=whole_number, default=2, help="conversions of an utterance (default 2)")
    verb.add_argument("--nj", type=whole_number, default=1, help="workers (default 1)")
    verb.add_argument("--seed", type=int, default=0, help="key of all randomness (default 0)")
    verb.add_argument("--wav", type=Path, help="also write what this run converts as recordings into this folder")
    add_pipes(verb)
    add_overrides(verb, "features=log_mel features.trim_db=40")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.views import views as make_views

        return make_views(
            *(given.data_dir, given.out, given.method, given.num, given.nj, given.seed, given.wav),
            *(given.allow_pipes, given.overrides),
        )

    verb.set_defaults(run=run)
