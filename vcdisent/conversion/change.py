"""What conversion changes in the frames of a source."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from vcdisent.conversion.colour import MeanChange
from vcdisent.conversion.voice import Voice
from vcdisent.errors import InputError
from vcdisent.model.long_sequence import encode_long
from vcdisent.model.sequence_vae import SequenceVAE

MOST_STRENGTH = 4
SPREADS = (0.7, 1.4)
"""Between these the ratio of two voices' deviations is put in: beyond, it is that of two rooms."""
MOST_DEVIATIONS = 2.0
"""Frames further from the mean than this, such as pauses, are moved no more than those."""
WIDTH = 0.28
"""Of the kernel by which frames are recalled."""


@dataclass(frozen=True)
class Ways:
    """By which ways conversion goes from one voice to another, and how far on each.

    Attributes:
        strength: How much of what sets two voices apart, as the decoder has it, is put in the source's frames. A
            posterior's mean keeps to the middle, so that 1 is less than the whole way.
        matching: How much of what the conversion's mean colour then lacks of that measured in the target's recordings
            is put in too: a decoder blurs it, and a filter that hardly changes costs nothing of the sound. With all of
            it, a strength above 1 moves no mean.
        variance: How much of the ratio of the two voices' deviations from their means is put in: a global-variance
            correction (Toda, Black and Tokuda, 2007), measured rather than modelled.
        retrieval: Share of what sets the voices apart that is not decoded but recalled from frames of the two that say
            something like the source's, by their dynamic codes.

    What is put in beside the decoder's is in proportion to a strength below 1: at 0 nothing changes.

    Raises:
        InputError: The strength is not from 0 to 4, or another not from 0 to 1.
    """

    strength: float = 1.0
    matching: float = 1.0
    variance: float = 1.0
    retrieval: float = 0.5

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value, most = getattr(self, name), MOST_STRENGTH if name == "strength" else 1
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise InputError(f"{name}={value} is no number from 0 to {most}")


DEFAULT = Ways()


class Change:
    """The change of one source to one target, block after block; not the same twice, as the mean is that so far.

    Args:
        model: Codes and decodes.
        own: The source's voice.
        target: The voice that it is to have.
        ways: How far to go.
    """

    def __init__(self, model: SequenceVAE, own: Voice, target: Voice, ways: Ways) -> None:
        self.model, self.own, self.target, self.ways = model, own, target, ways
        self.mean_change = MeanChange()
        self.spread = target.deviation / own.deviation.clamp_min(1e-6)

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """The next normalised frames (T, F) of the source, as the target would say them.

        What neither the decoder nor the memory can say of the source is kept: without it the words are lost in a blur.
        """
        own, target, ways = self.own, self.target, self.ways
        how_far = min(ways.strength, 1.0)
        change = ways.strength * self._apart(x)
        missing = how_far * (target.mean - own.mean) - self.mean_change(change, x.mean(1) >= own.spoken_from)
        most = MOST_DEVIATIONS * own.deviation
        stretched = (self.spread.clamp(*SPREADS) - 1) * (x - own.mean).clamp(-most, most)
        return x + change + ways.matching * missing + ways.variance * how_far * stretched

    def _apart(self, x: Tensor) -> Tensor:
        """What sets the target's frames (T, F) apart from the source's where both say what `x` (T, F) says."""
        dynamic = encode_long(self.model, x).dynamic
        assert dynamic is not None  # a sequence VAE has one
        z, voices = dynamic.mean, (self.target, self.own)
        as_target, as_own = (self.model.decode(voice.static.unsqueeze(0), z)[0] for voice in voices)
        decoded, memories = as_target - as_own, [voice.memory for voice in voices if voice.memory is not None]
        if not self.ways.retrieval or len(memories) < len(voices):
            return decoded
        as_target, as_own = (memory.recalled(z[0], WIDTH) for memory in memories)
        return decoded.lerp(as_target - as_own, self.ways.retrieval)
