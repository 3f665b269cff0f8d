"""How far conversion goes, and by which ways; imports nothing heavy, so that a help text can tell of it."""

from dataclasses import dataclass, fields

from vcdisent.errors import InputError

MOST_STRENGTH = 4


@dataclass(frozen=True)
class Ways:
    """By which ways conversion goes from one voice to another, and how far on each.

    Attributes:
        strength: How much of what sets two voices apart, as the decoder has it, is put in the source's frames. A
            posterior's mean keeps to the middle, so that 1 is less than the whole way.
        matching: How much of what the conversion's mean colour then lacks of the target's own is put in too: a decoder
            blurs it. With all of it, a strength above 1 moves no mean.
        covariance: The same of how its bins rise and fall together, which is where a voice's resonances are seen, as
            far as the recordings vouch for it: most of it for seven seconds of a target, more than all of it for half
            a minute. It is what brings a conversion nearest to the target, and what costs words.
        variance: The same of how each bin is spread about its mean.
        warping: How far the source's resonances are moved, before all that, to where a vocal tract as long as the
            target's has them. It brings a conversion nearer at no cost in words.
        adaptation: How far both voices' static codes are moved, before all that, from where the encoder puts them to
            where the decoder makes most of their recordings' frames.
        retrieval: Share of what sets the voices apart that is not decoded but recalled from frames of the two that say
            something like the source's, by their dynamic codes.

    What is put in beside the decoder's is less at a strength below 1: at 0 nothing changes but the pitch.

    Raises:
        InputError: The strength is not from 0 to 4, or another not from 0 to 1.
    """

    strength: float = 1.0
    matching: float = 1.0
    covariance: float = 0.85
    variance: float = 1.0
    retrieval: float = 0.75
    warping: float = 1.0
    adaptation: float = 0.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value, most = getattr(self, name), MOST_STRENGTH if name == "strength" else 1
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise InputError(f"{name}={value} is no number from 0 to {most}")


DEFAULT = Ways()
