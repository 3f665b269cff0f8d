"""Verbs that make speech, and judge it."""

import argparse
from pathlib import Path

from vcdisent.errors import InputError
from vcdisent.verbs.arguments import Parser, add_model, add_words


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
