"""The parser, and the arguments that verbs share."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

EXIT_ERROR = 2
"""Not done."""


class Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Ends with status 2."""
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(EXIT_ERROR)


def add_pipes(verb: Parser) -> None:
    """The option that lets shell commands in wav.scp be run."""
    verb.add_argument("--allow-pipes", action="store_true", help="run the shell commands in wav.scp")


def add_model(verb: Parser) -> None:
    """The options that choose a checkpoint and where it runs."""
    model = "checkpoint folder, or ORGANISATION/NAME on the Hugging Face hub (default: the one in the package)"
    verb.add_argument("--model", type=Path, help=model)
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")


def add_overrides(verb: Parser, example: str) -> None:
    """Hydra's overrides."""
    add_words(verb, "overrides", str, nargs="*", metavar="KEY=VALUE", help=f"configuration, such as: {example}")


def add_words(verb: Parser, name: str, kind: Callable[[str], Any], **options: Any) -> None:
    """An argument of many words, which options may stand among."""
    verb.add_argument(name, type=kind, **options)
    verb.set_defaults(words=name, kind=kind)


def whole_number(text: str) -> int:
    """A whole number, of workers or of conversions."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} will not do; give a whole number, 1 or more")
    return int(text)
