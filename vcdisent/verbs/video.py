"""Verbs of video: a judge, swaps, and ways from one clip to another."""

import argparse
from pathlib import Path

from vcdisent.verbs.arguments import Parser, add_model, whole_number

CLIP = "a .npy file of uint8 (T, H, W, C), a row of a packed one (clips.npy[12]), a GIF or a folder of images"


def judge(verb: Parser) -> None:
    """Train a classifier of labelled video, which vcdisent evaluate video asks."""
    verb.add_argument("train", type=Path, help="features folder with labels.csv to learn from")
    verb.add_argument("test", type=Path, help="features folder to be tested on")
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for the judge; the same command resumes")
    verb.add_argument("--max-steps", type=whole_number, metavar="N", help="steps of training (default 1500)")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda")

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.judge import judge as run_training

        return run_training(given.train, given.test, given.out, given.max_steps, given.device)

    verb.set_defaults(run=run)


def swap(verb: Parser) -> None:
    """Show what changes in one clip with what stays in another, both ways."""
    add_clips(verb)
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for swap.png and swap.gif")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.video import swap as run_swap

        return run_swap(given.a, given.b, given.out, given.model, given.device)

    verb.set_defaults(run=run)


def traverse(verb: Parser) -> None:
    """Go from one clip to another in small steps: what stays, what changes, and both."""
    add_clips(verb)
    verb.add_argument("--num-steps", type=whole_number, default=5, metavar="N", help="2 to 12 (default 5)")
    verb.add_argument("-o", "--out", type=Path, required=True, help="folder for traverse.png and traverse.gif")
    add_model(verb)

    def run(given: argparse.Namespace) -> int:
        from vcdisent.commands.video import traverse as run_traversal

        return run_traversal(given.a, given.b, given.out, given.num_steps, given.model, given.device)

    verb.set_defaults(run=run)


def add_clips(verb: Parser) -> None:
    """Two clips."""
    verb.add_argument("a", type=Path, metavar="A", help=CLIP)
    verb.add_argument("b", type=Path, metavar="B", help="likewise; with frames of the same size")
