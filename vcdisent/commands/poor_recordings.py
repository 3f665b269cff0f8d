"""Recordings that can be used, but of which little is to be expected: what is said of them."""

from collections.abc import Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent.conversion.voice import is_enrolled

FEWEST_S = 2.0
"""Seconds from which two recordings of one voice mostly score above the threshold."""
FEWEST_S_OF_TARGET = 10.0
"""Seconds of a voice from which most of how its frequencies go together is put in; see `vouched`."""
HISSING_S = 1.0
"""Seconds of a voice below which conversions to it hiss."""


def told_of_pair(a: Path, b: Path, sample_rate: int) -> str:
    """What of two recordings is too little for a threshold that was set on whole sentences, in lines."""
    return "".join(
        f"{path}: {words}, which makes voices look different: the verdict may not hold\n"
        for path in (a, b)
        if (words := narrow(path, sample_rate) or brief([path], FEWEST_S))
    )


def told_of_targets(paths: Sequence[Path], sample_rate: int) -> str:
    """What of the recordings of a voice is too little for a good conversion, in lines; an enrolled one was told of."""
    recordings = [path for path in paths if not is_enrolled(path)]
    told = [
        f"{path}: {words}: what is converted to it loses what lies above {audio.sample_rate(path) // 2:,} Hz\n"
        for path in recordings
        if (words := narrow(path, sample_rate))
    ]
    if recordings and (words := brief(recordings, FEWEST_S_OF_TARGET)):
        hiss = "expect hiss of under a second of speech; " if brief(recordings, HISSING_S) else ""
        told.append(f"{recordings[0]}: {words}: {hiss}half a minute of a voice brings conversions nearer\n")
    return "".join(told)


def narrow(path: Path, sample_rate: int) -> str:
    """Whether a recording has a lower rate than what the model heard; empty if not."""
    own = audio.sample_rate(path)
    return f"has {own:,} samples a second, where the model heard {sample_rate:,}" if own < sample_rate else ""


def brief(paths: Sequence[Path], fewest_s: float) -> str:
    """Whether recordings last less than that together; empty if not."""
    seconds = sum(map(audio.duration_s, paths))
    lasts = "lasts" if len(paths) == 1 else f"and {len(paths) - 1} more last"
    return f"{lasts} {seconds:.1f} s, less than {fewest_s:.0f} s" if seconds < fewest_s else ""
