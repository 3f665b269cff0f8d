"""Verbs that train models, and measure what their codes know."""

import argparse
from pathlib import Path

from vcdisent.errors import InputError
from vcdisent.verbs.arguments import Parser, add_model, add_overrides, add_pipes, add_words, whole_number


def train(verb: Parser) -> None:
    """Train a model, or resume its training."""
    add_overrides(verb, "experiment=librispeech corpus.train=DIR corpus.dev=DIR out=DIR objective=dsvae seed=1")

    def run(given: argparse.Namespace) -> int:
        from vcdisent import config
        from vcdisent.commands.train import train as run_training

        run_training(config.compose(given.overrides))
        return 0

    verb.set_defaults(run=run)


def embed(verb: Parser) -> None:
    """Write the codes of recordings."""
    verb.add_argument("input", type=Path, help="a recording, a folder or a data dir")
    verb.add_argument("-o", "--out", type=Path, required=True, help=".npz, or .ark for Kaldi archives")
    verb.add_argument("--dynamic", action="store_true", help="write the frame-level code too")
    add_pipes(verb)
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.embed import embed as run_embedding

        return run_embedding(given.input, given.out, given.model, given.dynamic, given.allow_pipes, given.device)

    verb.set_defaults(run=run)


def verify(verb: Parser) -> None:
    """Tell whether two recordings are of one speaker; or score trials."""
    add_words(verb, "recordings", Path, nargs="+", metavar="A B", help="two recordings; with --trials a data dir")
    verb.add_argument("--trials", type=Path, help="lines `utterance utterance target|nontarget`")
    verb.add_argument("-o", "--out", type=Path, help="with --trials: folder for scores and figures")
    verb.add_argument("--baselines", action="store_true", help="with --trials: rows that need no training")
    add_pipes(verb)
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        if len(given.recordings) != (1 if given.trials else 2) or bool(given.trials) != bool(given.out):
            raise InputError("verify takes two recordings, or --trials FILE DATADIR -o FOLDER")
        from vcdisent.commands.verify import verify_pair, verify_trials

        if not given.trials:
            a, b = given.recordings
            return verify_pair(a, b, given.model, given.device)
        return verify_trials(
            given.trials, given.recordings[0], given.out, given.model, given.baselines, given.allow_pipes, given.device
        )

    verb.set_defaults(run=run)


def probe(verb: Parser) -> None:
    """Tell what codes know of phones and of speakers."""
    verb.add_argument("--train", type=Path, required=True, metavar="DATADIR", help="training speakers, with phones.ctm")
    verb.add_argument("--test", type=Path, required=True, metavar="DATADIR", help="other speakers, with phones.ctm")
    verb.add_argument("--verify", type=Path, metavar="DATADIR", help="speakers to tell apart (default: --test's)")
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for probes.json and pictures")
    context = "neighbours on either side that probes with context see of z and of the input (default: within 0.1 s)"
    verb.add_argument("--context", type=whole_number, metavar="FRAMES", help=context)
    baselines = "also the frames themselves, an untrained model and noise; where all are aligned, the phones"
    verb.add_argument("--baselines", action="store_true", help=baselines)
    verb.add_argument("--speaker-network", action="store_true", help="also train a speaker network on z")
    verb.add_argument("--speakers", type=Path, metavar="DATADIR", help="what that learns from (default: --train's)")
    verb.add_argument("--pictures", action="store_true", help="also draw maps of s and z")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        if given.speakers and not given.speaker_network:
            raise InputError("--speakers is what --speaker-network learns from; give both")
        from vcdisent.commands.probe import Options
        from vcdisent.commands.probe import probe as run_probes

        options = Options(given.context, given.baselines, given.speaker_network, given.pictures)
        sets = given.train, given.test, given.verify, given.speakers
        return run_probes(*sets, given.out, given.model, options, given.device)

    verb.set_defaults(run=run)


def pack(verb: Parser) -> None:
    """Copy what using a checkpoint takes, for others: without what only resuming needs."""
    verb.add_argument("folder", type=Path, metavar="CHECKPOINT", help="checkpoint folder")
    verb.add_argument("-o", "--out", type=Path, required=True, help="new folder")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.pack import pack as run_pack

        return run_pack(given.folder, given.out)

    verb.set_defaults(run=run)


def report(verb: Parser) -> None:
    """Write what was measured of checkpoints as one Markdown file."""
    add_words(verb, "folders", Path, nargs="+", metavar="CHECKPOINT", help="checkpoint folders")
    verb.add_argument("-o", "--out", type=Path, required=True)
    tables = verb.add_mutually_exclusive_group()
    tables.add_argument("--seeds", action="store_true", help="one row for all folders NAME_seed0, NAME_seed1, ...")
    tables.add_argument("--dev", action="store_true", help="the same, of what dev said at last: no test set is needed")

    def run(given: argparse.Namespace) -> int:
        if given.dev:
            from vcdisent.commands.screening import report_dev

            return report_dev(given.folders, given.out)
        if given.seeds:
            from vcdisent.commands.seeds import report_seeds

            return report_seeds(given.folders, given.out)
        from vcdisent.commands.report import report as run_report

        return run_report(given.folders, given.out)

    verb.set_defaults(run=run)
