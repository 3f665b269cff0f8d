"""Which frames are speech, and which are silence."""

import math

import torch
from torch import Tensor

from vcdisent.features.averaging import averaged
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World

SPOKEN_FROM = 0.3
"""Where speech begins to be heard, on the way from the softest tenth of frames to the loudest."""
SILENT = 0.01
"""By so little the loudness of frames of digital silence differs, in standard deviations of training frames."""
EDGE_FRAMES = 5.0
"""Over so many what is taken off pauses sets in."""
SILENT_NATS = 0.01
"""Above the floor of a log spectrum, which normalising there and back does not meet exactly."""


def spoken_threshold(loudness: Tensor) -> float:
    """Where speech begins to be heard, by the loudness (T,) of all frames of a recording; digital silence is none."""
    audible = loudness[loudness > loudness.min() + SILENT]
    soft, loud = (audible if len(audible) else loudness).quantile(torch.tensor([0.1, 0.9], device=loudness.device))
    return float(torch.lerp(soft, loud, SPOKEN_FROM))


def silent_as(features: LogMagnitude | World, own: Tensor, changed: Tensor) -> Tensor:
    """Frames `changed` (T, F) of a log spectrum, silent wherever `own` (T, F) are."""
    if isinstance(features, World):
        return changed
    return torch.where(own <= math.log(features.floor) + SILENT_NATS, own, changed)


def pauses_kept(features: LogMagnitude | World, own: Tensor, changed: Tensor, is_spoken: Tensor) -> Tensor:
    """Frames `changed` (T, F) of a log spectrum, the pauses of `own` (T, F) raised no more than speech is on average.

    What brings speech to a voice's own says nothing of the room: between words it would only let noise up. What is
    taken off sets in smoothly, and so takes a little of the first and last frames of speech.

    Args:
        features: What the frames are made by.
        own: Those of the source.
        changed: What they were changed to.
        is_spoken: (T,) which of them are no pauses.
    """
    if isinstance(features, World) or not is_spoken.any():
        return changed
    rise = (torch.logsumexp(2 * changed, 1) - torch.logsumexp(2 * own, 1)) / 2
    too_much = (rise - rise[is_spoken].mean()).clamp_min(0).masked_fill(is_spoken, 0)
    return changed - averaged(too_much.unsqueeze(1), EDGE_FRAMES)
