"""The mean colour of a voice, which frames it is measured in, and what a conversion makes of it."""

import math

import torch
from torch import Tensor

from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World

SPOKEN_FROM = 0.3
"""Where speech begins to be heard, on the way from the softest tenth of frames to the loudest."""
SILENT = 0.01
"""By so little the loudness of frames of digital silence differs, in standard deviations of training frames."""
SILENT_NATS = 0.01
"""Above the floor of a log spectrum, which normalising there and back does not meet exactly."""


def spoken_from(loudness: Tensor) -> float:
    """Where speech begins to be heard, by the loudness (T,) of all frames of a recording; digital silence is none."""
    audible = loudness[loudness > loudness.min() + SILENT]
    soft, loud = (audible if len(audible) else loudness).quantile(torch.tensor([0.1, 0.9], device=loudness.device))
    return float(torch.lerp(soft, loud, SPOKEN_FROM))


class MeanChange:
    """Mean of what a conversion has changed in the frames that somebody speaks in, from its first block to its last."""

    def __init__(self) -> None:
        self.total, self.num_frames = torch.zeros(()), 0

    def __call__(self, change: Tensor, spoken: Tensor) -> Tensor:
        """The mean (F,) with the next block in it: its `change` (T, F), and which of its frames are `spoken` (T,)."""
        self.total = self.total.to(change.device) + change[spoken].sum(0)
        self.num_frames += int(spoken.sum())
        return self.total / max(self.num_frames, 1)


def silent_as(features: LogMagnitude | World, own: Tensor, changed: Tensor) -> Tensor:
    """Frames `changed` (T, F) of a log spectrum, silent wherever `own` (T, F) are."""
    if isinstance(features, World):
        return changed
    return torch.where(own <= math.log(features.floor) + SILENT_NATS, own, changed)
