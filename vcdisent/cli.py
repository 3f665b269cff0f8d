"""The command line. Nothing heavy is imported until a verb runs, so that help is instant."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from vcdisent import __version__
from vcdisent.errors import InputError
from vcdisent.verbs import data, models, speech, video
from vcdisent.verbs.arguments import EXIT_ERROR, Parser

VERBS = (
    *(data.prepare, data.validate, data.trials, data.align, data.recode, data.features, data.views),
    *(models.train, models.embed, models.verify, models.probe, models.pack),
    *(
        speech.enroll,
        speech.convert,
        speech.generate,
        video.swap,
        video.traverse,
        video.judge,
        speech.evaluate,
        speech.page,
        models.report,
    ),
)
"""In the order of the help."""
EXIT_SKIPPED = 3
"""Done, but some recordings were left out, and listed."""


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
    leave(EXIT_SKIPPED if num_skipped else 0)


def leave(status: int) -> NoReturn:
    """Exits; a rank of torchrun does so at once.

    Threads of gloo outlive the group that distributed training has left, and now and then abort a process that takes
    its leave slowly: torchrun calls its work failed then, and ends the other ranks (pytorch/pytorch, issue 190489).
    """
    if "WORLD_SIZE" in os.environ:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    raise SystemExit(status)


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
        prog="vcdisent",
        description="Splits speech or video into what stays (a voice, looks) and what changes (words, moves).",
    )
    parser.add_argument("--version", action="version", version=f"vcdisent {__version__}")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for add in VERBS:
        verb = verbs.add_parser(add.__name__, help=add.__doc__, description=add.__doc__)
        verb.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error came from"
        )
        verb.set_defaults(verb=verb)
        add(verb)
    return parser


if __name__ == "__main__":
    main()
