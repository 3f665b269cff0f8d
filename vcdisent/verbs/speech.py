"""Verbs that make speech or video, and judge it."""

import argparse
import math
from functools import partial
from pathlib import Path

from vcdisent.conversion.ways import DEFAULT, Ways
from vcdisent.errors import InputError
from vcdisent.verbs.arguments import Parser, add_model, add_words, whole_number

MOST_SEMITONES = 24
WAYS = {
    "strength": "how much of the other's colour is heard: 0 is none, above 1 exaggerates; 0 to 4; pitch is --pitch's",
    "matching": "more is nearer to the target's tone, such as dark or bright; 0 to 1",
    "covariance": "more is nearer to the target's voice and costs words; 0 to 1",
    "variance": "more brings soft and loud as far apart, band by band, as the target's are; 0 to 1",
    "retrieval": "more is put together of sounds that the target was heard making, less is made up; 0 to 1",
    "warping": "how much longer or shorter the throat is made, to be as long as the target's; 0 to 1",
    "adaptation": "how far a voice's static code is fitted to its recordings; 1 takes a few seconds longer; 0 to 1",
}
"""Of conversion, in words; see `Ways`."""
EXAMPLES = """examples:
  vcdisent convert source.wav target.wav
      what source says, in target's voice: source-as-target.wav
  vcdisent convert talks/ target1.wav target2.wav -o out/
      all of a folder; two recordings of the voice bring it nearer than one
  vcdisent convert source.wav target.wav --covariance 0.5 --pitch keep
      more of the words and less of the voice, at source's own pitch"""


def convert(verb: Parser) -> None:
    """Say what one recording says in the voice of another."""
    of_both = "a recording or a folder; one or more recordings of the voice, or what vcdisent enroll made of them"
    add_words(verb, "recordings", Path, nargs="*", metavar="SRC TGT", help=of_both)
    lines = "convert every line `source target [target ...] name` instead to -o/name.wav; a word # begins a comment; "
    lines += "all lines are checked before the first is converted"
    verb.add_argument("--list", type=Path, metavar="FILE", help=lines)
    out = "file, or folder, a new one with / at its end (default: SRC-as-TGT.wav here, or SRC-as-TGT)"
    verb.add_argument("-o", "--out", help=out)
    pitch = "auto (default): where the voice's lies; keep: the source's own; or semitones up, such as 3 or -2.5"
    pitch += f", from -{MOST_SEMITONES} to {MOST_SEMITONES}"
    verb.add_argument("--pitch", type=pitch_choice, default="auto", metavar="P", help=pitch)
    vocoders = "griffin_lim, source_filter or world, or a folder that training made (default: the checkpoint's)"
    verb.add_argument("--vocoder", help=vocoders)
    for way, words in WAYS.items():
        told = f"{words} (default: the checkpoint's; the package's has {getattr(DEFAULT, way):g})"
        verb.add_argument(f"--{way}", type=partial(share, way), metavar="X", help=told)
    seed = "of what a vocoder draws, as griffin_lim_random alone does; output is the same each time, with it or without"
    verb.add_argument("--seed", type=int, metavar="N", help=seed)
    methods = "model (default), or a classical baseline: world or inca"
    verb.add_argument("--method", choices=("model", "world", "inca"), default="model", help=methods)
    add_model(verb)
    verb.epilog, verb.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter

    def run(given: argparse.Namespace) -> int:
        if given.list and not given.out:
            raise InputError("convert --list FILE lacks -o FOLDER, where its conversions go")
        if bool(given.list) == bool(given.recordings) or len(given.recordings) == 1:
            raise InputError("convert takes SRC TGT [TGT ...], or --list FILE -o FOLDER")
        from vcdisent.commands import convert as commands

        ways = {way: getattr(given, way) for way in WAYS}
        converter = commands.make_converter(given.method, given.model, given.vocoder, given.device, given.seed, **ways)
        if given.list:
            return commands.convert_list(given.list, given.out, converter, given.pitch)
        source, *targets = given.recordings
        return commands.convert(source, targets, given.out, converter, given.pitch)

    verb.set_defaults(run=run)


def share(way: str, text: str) -> float:
    """How far to go on a way."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    try:
        return getattr(Ways(**{way: value}), way)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def pitch_choice(text: str) -> "str | float":
    """`auto`, `keep`, or a number of semitones."""
    if text in ("auto", "keep"):
        return text
    try:
        semitones = float(text)
    except ValueError:
        semitones = math.nan
    if not abs(semitones) <= MOST_SEMITONES:
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto, keep nor -{MOST_SEMITONES} to {MOST_SEMITONES}")
    return semitones


def enroll(verb: Parser) -> None:
    """Keep the voice of some recordings in a file that convert takes in their place."""
    add_words(verb, "recordings", Path, nargs="+", metavar="REF", help="recordings of one speaker")
    verb.add_argument("-o", "--out", type=Path, required=True, help="the file, such as anna.safetensors")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.convert import enroll as run_enrolment

        return run_enrolment(given.recordings, given.out, given.model, given.device)

    verb.set_defaults(run=run)


def generate(verb: Parser) -> None:
    """Sample from the prior: speech as sound and pictures, or video as pictures and a GIF."""
    verb.add_argument("--num", type=int, default=4, help="samples (default 4)")
    verb.add_argument("--seconds", type=float, help="of speech, each (default 3; with --dynamic up to 20 of SRC)")
    verb.add_argument("--num-frames", type=int, help="of video, each (default: as in training; with --dynamic as SRC)")
    given_static = "recordings of the voice of all, whose words nobody said; of video, a clip"
    verb.add_argument("--static", type=Path, nargs="+", default=(), metavar="REF", help=given_static)
    given_dynamic = "in its place, a recording whose words voices of nobody say; of video, a clip"
    verb.add_argument("--dynamic", type=Path, metavar="SRC", help=given_dynamic)
    fixed = "of video: the same for all, even where it comes from the prior"
    verb.add_argument("--fix", choices=("static", "dynamic"), help=fixed)
    verb.add_argument("--seed", type=int, default=0, help="the same seed, the same samples (default 0)")
    out = "folder for sample_*.wav and samples.png; of video, samples.png and samples.gif"
    verb.add_argument("-o", "--out", type=Path, required=True, help=out)
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.generate import Request
        from vcdisent.commands.generate import generate as run_generation

        length = given.seconds, given.num_frames
        request = Request(given.num, *length, given.static, given.dynamic, given.fix, given.seed)
        return run_generation(given.out, request, given.model, given.device)

    verb.set_defaults(run=run)


def page(verb: Parser) -> None:
    """Make a page to listen to conversions on, with what the judges said."""
    inputs = "lines as convert --list takes, and what it made of them, one folder a way of converting"
    add_words(verb, "inputs", Path, nargs="+", metavar="LIST FOLDER", help=inputs)
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for index.html and all that it plays")

    def run(given: argparse.Namespace) -> int:
        if len(given.inputs) < 2:
            raise InputError("page takes LIST FOLDER [FOLDER ...] -o OUT")
        from vcdisent.commands.page import make_page

        return make_page(given.inputs[0], given.inputs[1:], given.out)

    verb.set_defaults(run=run)


def evaluate(verb: Parser) -> None:
    """Have converted recordings judged (needs the extra `judge`), or what a model of video makes."""
    verb.add_argument("what", choices=("conversion", "video"))
    inputs = "conversion: lines as vcdisent convert --list takes, and what it made of them; video: features"
    add_words(verb, "inputs", Path, nargs="+", metavar="LIST FOLDER | FEATURES", help=inputs)
    more = "conversion: data dir with the words, and more of the targets, to judge their voices by what was not given"
    verb.add_argument("--data", type=Path, help=more)
    judge = "video: what vcdisent judge has made; conversion: a speaker network of your own, with DNSMOS, pocketsphinx"
    judge += " and hama in place of the judges that report, to choose by"
    verb.add_argument("--judge", type=Path, help=judge)
    same = "conversion: utterances of one name, speaker apart, say the same: measure distances to the target's own"
    verb.add_argument("--parallel", action="store_true", help=same)
    verb.add_argument("--num-draws", type=whole_number, default=5, metavar="N", help="video: of all noise (default 5)")
    verb.add_argument("--max-sequences", type=whole_number, metavar="N", help="video: look at so many (default: all)")
    verb.add_argument("--seed", type=int, default=0, help="video: of the noise (default 0)")
    verb.add_argument("-o", "--out", type=Path, required=True, help="json file for the figures")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        return evaluate_video(given) if given.what == "video" else evaluate_conversion(given)

    verb.set_defaults(run=run)


def evaluate_conversion(given: argparse.Namespace) -> int:
    """Has converted recordings judged."""
    if len(given.inputs) != 2:
        raise InputError("evaluate conversion takes LIST FOLDER -o FILE.json")
    from vcdisent.commands.evaluate import evaluate_conversion as run_evaluation

    list_file, folder = given.inputs
    return run_evaluation(list_file, folder, given.data, given.out, given.judge, given.parallel)


def evaluate_video(given: argparse.Namespace) -> int:
    """Has what a model of video makes judged."""
    if len(given.inputs) != 1 or not given.judge or not given.model:
        raise InputError("evaluate video takes FEATURES --model CHECKPOINT --judge FOLDER -o FILE.json")
    from vcdisent.commands.evaluate_video import evaluate_video as run_evaluation

    amount = given.num_draws, given.max_sequences, given.seed
    return run_evaluation(given.inputs[0], given.model, given.judge, given.out, *amount, given.device)
