"""Recordings that can be used, but of which little is to be expected: what is said of them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent.conversion.voice import SUFFIX

FEWEST_S = 2.0
"""Seconds from which two recordings of one voice mostly score above the threshold."""
FEWEST_S_OF_TARGET = 10.0
"""Seconds of a voice from which conversions take on most of what they can."""


def warn_of_pair(a: Path, b: Path, sample_rate: int) -> None:
    """Says on stderr what of two recordings is too little for a threshold that was set on whole sentences."""
    for path in (a, b):
        if told := narrow(path, sample_rate) or brief([path], FEWEST_S):
            print(f"{path}: {told}, which makes voices look different: the verdict may not hold", file=sys.stderr)


def warn_of_targets(paths: Sequence[Path], sample_rate: int) -> None:
    """Says on stderr what of the recordings of a voice is too little for a good conversion; an enrolled one is kept."""
    recordings = [path for path in paths if path.suffix != SUFFIX]
    for path in recordings:
        if told := narrow(path, sample_rate):
            print(f"{path}: {told}: a voice converted to it has no more of its high tones", file=sys.stderr)
    if recordings and (told := brief(recordings, FEWEST_S_OF_TARGET)):
        print(f"{recordings[0]}: the voice {told}: half a minute of it brings conversions nearer", file=sys.stderr)


def narrow(path: Path, sample_rate: int) -> str:
    """Whether a recording has a lower rate than what the model heard; empty if not."""
    own = audio.sample_rate(path)
    return f"has {own:,} samples a second, where the model heard {sample_rate:,}" if own < sample_rate else ""


def brief(paths: Sequence[Path], fewest_s: float) -> str:
    """Whether recordings last less than that together; empty if not."""
    seconds = sum(map(audio.duration_s, paths))
    return f"lasts {seconds:.1f} s, less than {fewest_s:.0f}" if seconds < fewest_s else ""
