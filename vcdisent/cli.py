"""The command line. Nothing heavy is imported until a verb runs, so that help is instant."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from vcdisent import __version__
from vcdisent.errors import InputError

CORPORA = ("timit", "librispeech", "folder", "minitimit")
"""Each is a module in vcdisent.corpora."""
EXIT_SKIPPED = 3
"""Done, but some recordings were left out, and listed."""
EXIT_ERROR = 2
"""Not done."""


class Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Ends with status 2."""
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(EXIT_ERROR)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one verb and exits: 0 done, 3 done but recordings were left out, 2 not done."""
    parsed = parse(make_parser(), arguments)
    try:
        num_skipped = parsed.run(parsed)
    except (InputError, OSError) as error:  # an OSError names a file too: a full disk, a folder not to be written to
        if parsed.debug:
            raise
        print(f"vcdisent: {error}", file=sys.stderr)
        raise SystemExit(EXIT_ERROR) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(EXIT_SKIPPED if num_skipped else 0)


def parse(parser: Parser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Options anywhere: argparse gives up on a list of words that an option stands in the middle of."""
    parsed, rest = parser.parse_known_args(arguments)
    unknown = [word for word in rest if word.startswith("-") or "words" not in parsed]
    if unknown:
        parsed.verb.error(f"unrecognized {unknown[0]!r}")
    if rest:
        getattr(parsed, parsed.words).extend(parsed.kind(word) for word in rest)
    return parsed


def make_parser() -> Parser:
    """The parser of all verbs."""
    parser = Parser(
        prog="vcdisent", description="Splits speech into what stays (the voice) and what changes (the words)."
    )
    parser.add_argument("--version", action="version", version=f"vcdisent {__version__}")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    data = (prepare, validate, trials, align, recode, features, views)
    models = (train, embed, verify, probe, convert, generate, evaluate, report)
    for add in data + models:
        verb = verbs.add_parser(add.__name__, help=add.__doc__, description=add.__doc__)
        verb.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error came from"
        )
        verb.set_defaults(verb=verb)
        add(verb)
    return parser


def prepare(verb: Parser) -> None:
    """Make the data dirs of a corpus."""
    verb.add_argument("corpus", choices=CORPORA)
    where = "where the corpus is, or minitimit goes (default: the current folder is searched, or written into)"
    verb.add_argument("root", type=Path, nargs="?", help=where)
    verb.add_argument("out", type=Path, help="gets train, dev and test (folder: is the data dir)")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        if given.corpus == "folder" and given.root is None:
            raise InputError(
                "prepare folder takes ROOT and OUT: the folder of speakers' folders, and the data dir to make"
            )
        return data.prepare(given.corpus, given.root or Path(), given.out)

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
    verb.add_argument("--nj", type=number_of_jobs, default=1, help="workers (default 1)")
    verb.add_argument("--max-per-speaker", type=whole_number, metavar="N", help="with -o: keep N utterances of each")
    add_pipes(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.align import align as run_alignment

        return run_alignment(given.data_dir, given.out, given.nj, given.max_per_speaker, given.allow_pipes)

    verb.set_defaults(run=run)


def recode(verb: Parser) -> None:
    """Write the recordings of a data dir again in another format."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("out", type=Path)
    verb.add_argument("--format", required=True, choices=("opus", "flac", "wav"))
    add_pipes(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands import data

        return data.recode(given.data_dir, given.out, given.format, given.allow_pipes)

    verb.set_defaults(run=run)


def features(verb: Parser) -> None:
    """Make the frames of a data dir."""
    verb.add_argument("data_dir", type=Path)
    verb.add_argument("out", type=Path)
    verb.add_argument("--nj", type=number_of_jobs, default=1, help="workers (default 1)")
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
    verb.add_argument("--nj", type=number_of_jobs, default=1, help="workers (default 1)")
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
    verb.add_argument("--baselines", action="store_true", help="also the frames themselves, an untrained model, noise")
    verb.add_argument("--speaker-network", action="store_true", help="also train a speaker network on z")
    verb.add_argument("--pictures", action="store_true", help="also draw maps of s and z")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.probe import Options
        from vcdisent.commands.probe import probe as run_probes

        options = Options(given.baselines, given.speaker_network, given.pictures)
        return run_probes(given.train, given.test, given.verify, given.out, given.model, options, given.device)

    verb.set_defaults(run=run)


def convert(verb: Parser) -> None:
    """Say what one recording says in the voice of another."""
    of_both = "a recording or a folder; one or more recordings of the voice"
    add_words(verb, "recordings", Path, nargs="*", metavar="SRC TGT", help=of_both)
    verb.add_argument("--list", type=Path, help="convert every line `source target name` instead")
    verb.add_argument("-o", "--out", type=Path, help="file or folder (default: SRC-as-TGT.wav here, or SRC-as-TGT)")
    verb.add_argument("--vocoder", help="griffin_lim or world (default: the checkpoint's)")
    methods = "model (default), or a classical baseline: world or inca"
    verb.add_argument("--method", choices=("model", "world", "inca"), default="model", help=methods)
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        listed = given.list and given.out and not given.recordings
        if not listed and (given.list or len(given.recordings) < 2):
            raise InputError("convert takes SRC TGT [TGT ...], or --list FILE -o FOLDER")
        from vcdisent.commands import convert as commands

        converter = commands.make_converter(given.method, given.model, given.vocoder, given.device)
        if given.list:
            return commands.convert_list(given.list, given.out, converter)
        source, *targets = given.recordings
        return commands.convert(source, targets, given.out, converter)

    verb.set_defaults(run=run)


def generate(verb: Parser) -> None:
    """Sample speech from the prior, as sound and pictures."""
    verb.add_argument("--num", type=int, default=4, help="samples (default 4)")
    verb.add_argument("--seconds", type=float, help="of each (default 3; with --dynamic up to 20 of SRC)")
    verb.add_argument(
        "--static", type=Path, nargs="+", default=(), metavar="REF", help="recordings of the voice of all"
    )
    verb.add_argument("--dynamic", type=Path, metavar="SRC", help="a recording whose words all say")
    verb.add_argument("--seed", type=int, default=0, help="the same seed, the same speech (default 0)")
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for sample_*.wav and samples.png")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.generate import generate as run_generation

        codes = given.static, given.dynamic, given.seed
        return run_generation(given.out, given.num, given.seconds, *codes, given.model, given.device)

    verb.set_defaults(run=run)


def evaluate(verb: Parser) -> None:
    """Have converted recordings judged (needs the extra `judge`)."""
    verb.add_argument("what", choices=("conversion",))
    verb.add_argument("list", type=Path, help="lines `source target name`")
    verb.add_argument("folder", type=Path, help="what vcdisent convert --list made of it")
    verb.add_argument("--data", type=Path, help="data dir with the words, and other recordings of the targets")
    verb.add_argument("-o", "--out", type=Path, required=True, help="json file for the figures")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.evaluate import evaluate_conversion

        return evaluate_conversion(given.list, given.folder, given.data, given.out)

    verb.set_defaults(run=run)


def report(verb: Parser) -> None:
    """Write what was measured of checkpoints as one Markdown file."""
    add_words(verb, "folders", Path, nargs="+", metavar="CHECKPOINT", help="checkpoint folders")
    verb.add_argument("-o", "--out", type=Path, required=True)
    verb.add_argument("--seeds", action="store_true", help="one row for all folders NAME_seed0, NAME_seed1, ...")

    def run(given: argparse.Namespace) -> int:
        if given.seeds:
            from vcdisent.commands.seeds import report_seeds

            return report_seeds(given.folders, given.out)
        from vcdisent.commands.report import report as run_report

        return run_report(given.folders, given.out)

    verb.set_defaults(run=run)


def add_pipes(verb: Parser) -> None:
    """The option that lets shell commands in wav.scp be run."""
    verb.add_argument("--allow-pipes", action="store_true", help="run the shell commands in wav.scp")


def add_model(verb: Parser) -> None:
    """The options that choose a checkpoint and where it runs."""
    verb.add_argument("--model", type=Path, help="checkpoint folder (default: the one that comes with the package)")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")


def add_overrides(verb: Parser, example: str) -> None:
    """Hydra's overrides."""
    add_words(verb, "overrides", str, nargs="*", metavar="KEY=VALUE", help=f"configuration, such as: {example}")


def add_words(verb: Parser, name: str, kind: Callable[[str], Any], **options: Any) -> None:
    """An argument of many words, which options may stand among."""
    verb.add_argument(name, type=kind, **options)
    verb.set_defaults(words=name, kind=kind)


def number_of_jobs(text: str) -> int:
    """A whole number of workers."""
    return whole_number(text)


def whole_number(text: str) -> int:
    """A whole number, of workers or of conversions."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number; give 1 or more")
    return int(text)


if __name__ == "__main__":
    main()
