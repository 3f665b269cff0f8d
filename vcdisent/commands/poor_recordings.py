"""Recordings that can be used, but of which little is to be expected: what is said of them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from vcdisent import audio
from vcdisent.conversion.voice import is_enrolled
from vcdisent.counted import counted

FEWEST_S = 2.0
"""Seconds from which two recordings of one voice mostly score above the threshold."""
FEWEST_S_OF_SOURCE = 2.0
"""Seconds of a source from which a good part of how its frequencies go together is changed; see `vouched`."""
FEWEST_S_OF_TARGET = 7.0
"""Seconds of a voice, pauses left out, from which most of how its frequencies go together is put in; see `vouched`."""
HISSING_S = 0.7
"""The same below which conversions to it hiss."""
ENOUGH = "half a minute of a voice brings conversions nearer"


def told_of_pair(a: Path, b: Path, sample_rate: int) -> str:
    """What of two recordings is too little for a threshold that was set on whole sentences, in lines."""
    return "".join(
        f"{path}: {words}, which makes voices look different: the verdict may not hold\n"
        for path in (a, b)
        if (words := narrow(path, sample_rate) or brief(path))
    )


class Notices:
    """What is to be said of the voices and the sources of conversions: each thing in a line, of however many.

    Args:
        sample_rate: Of what is heard of them, in hertz.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._names: dict[tuple[str, str], dict[str, None]] = {}  # in order, each once

    def take_voice(self, recordings: Sequence[Path], seconds: float, lacks_pitch: bool) -> None:
        """Looks at a voice.

        Args:
            recordings: Of it, or its file.
            seconds: Of speech that were heard of it, pauses left out.
            lacks_pitch: Whether no pitch was heard, where one is wanted.
        """
        name = str(recordings[0]) if len(recordings) == 1 else f"{recordings[0]} and {len(recordings) - 1} more"
        for recording in recordings:
            if not is_enrolled(recording) and (words := narrow(recording, self.sample_rate)):
                words += f": what is converted to it loses what lies above {audio.sample_rate(recording) // 2:,} Hz"
                self._take("recording", str(recording), words)
        if seconds < FEWEST_S_OF_TARGET:
            least, hiss = (HISSING_S, "expect hiss; ") if seconds < HISSING_S else (FEWEST_S_OF_TARGET, "")
            self._take("voice", name, f"less than {least:g} s of speech is heard, pauses left out: {hiss}{ENOUGH}")
        if lacks_pitch:
            self._take("voice", name, "no pitch is heard: is it speech?")

    def take_source(self, path: Path, seconds: float) -> None:
        """Looks at a source, which lasts so long."""
        if seconds < FEWEST_S_OF_SOURCE:
            self._take(
                "source", str(path), f"lasts less than {FEWEST_S_OF_SOURCE:g} s: of so short a source less is changed"
            )

    def tell(self) -> None:
        """Says it, in the order in which it was found."""
        for (what, words), names in self._names.items():
            of = f" (the first of {counted(len(names), what)})" if len(names) > 1 else ""
            print(f"{next(iter(names))}{of}: {words}", file=sys.stderr)

    def _take(self, what: str, name: str, words: str) -> None:
        self._names.setdefault((what, words), {})[name] = None


def narrow(path: Path, sample_rate: int) -> str:
    """Whether a recording has a lower rate than what the model heard; empty if not."""
    own = audio.sample_rate(path)
    return f"has {own:,} samples a second, where the model heard {sample_rate:,}" if own < sample_rate else ""


def brief(path: Path) -> str:
    """Whether a recording lasts less than a threshold wants; empty if not."""
    seconds = audio.duration_s(path)
    return f"lasts {seconds:.1f} s, less than {FEWEST_S:.0f} s" if seconds < FEWEST_S else ""
