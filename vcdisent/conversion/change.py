"""What conversion changes in the frames of a source."""

import torch
from torch import Tensor

from vcdisent.conversion.covariance import CovarianceMap, vouched
from vcdisent.conversion.equalising import Equaliser, levels
from vcdisent.conversion.memory import ROUNDING, WIDTH
from vcdisent.conversion.voice import Voice
from vcdisent.conversion.ways import Ways
from vcdisent.features.averaging import averaged
from vcdisent.model.long_sequence import encode_long
from vcdisent.model.sequence_vae import SequenceVAE

SMOOTHING_MS = 150.0
"""Over so long what is decoded and recalled is averaged: both tremble, and voices differ more slowly than that."""


class Change:
    """The change of one source to one target.

    Args:
        model: Codes and decodes.
        own: The source's voice, with its pitch where the target's is.
        target: The voice that it is to have.
        ways: How far to go.
        hop_ms: From one frame to the next.

    Raises:
        InputError: One of the voices was measured by a model that does not code what is said.
    """

    @torch.no_grad()
    def __init__(self, model: SequenceVAE, own: Voice, target: Voice, ways: Ways, hop_ms: float) -> None:
        self.model, self.ways, self.statics = model, ways, (target.static, own.static)
        self.memories, self.smoothing_frames = (target.remembered, own.remembered), SMOOTHING_MS / hop_ms
        how_far, frames, theirs = min(ways.strength, 1.0), own.remembered.frames, target.remembered.frames
        self.spoken_from = frames.mean(1).min() - ROUNDING
        changed = frames + self._apart(own.remembered.dynamic)
        towards = ways.covariance * vouched(own.remembered.num_known, target.remembered.num_known) * how_far
        self.covariance = CovarianceMap.between(changed, theirs, towards)
        wanted = levels(frames).lerp(levels(theirs), how_far)
        self.equaliser = Equaliser.between(changed + self.covariance(changed), wanted)

    def is_spoken(self, x: Tensor) -> Tensor:
        """Which of the source's normalised frames (T, F) are no pauses (T,)."""
        return x.mean(1) >= self.spoken_from

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """Normalised frames (T, F) of the source, as the target would say them.

        What neither the decoder nor the memory can say of the source is kept: without it the words are lost in a blur.
        """
        dynamic = encode_long(self.model, x).dynamic
        assert dynamic is not None  # a sequence VAE has one
        changed = x + self._apart(dynamic.mean[0])
        changed = changed + self.covariance(changed)
        return changed + self.equaliser(changed, self.ways.matching, self.ways.variance)

    def _apart(self, z: Tensor) -> Tensor:
        """What sets the target's frames (T, F) apart from the source's where both say z (T, D)."""
        as_target, as_own = (self.model.decode(static.unsqueeze(0), z.unsqueeze(0))[0] for static in self.statics)
        apart = as_target - as_own
        if self.ways.retrieval:
            as_target, as_own = (memory.recalled(z, WIDTH) for memory in self.memories)
            apart = apart.lerp(as_target - as_own, self.ways.retrieval)
        return self.ways.strength * averaged(apart, self.smoothing_frames)
