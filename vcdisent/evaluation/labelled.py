"""Frames and what is known of each: the phone that is spoken, or who speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

NO_LABEL = -1
ROUNDING_S = 1e-6
"""More than what is lost where a time is written down: a frame at the border of two phones is always of the second."""


@dataclass(frozen=True)
class Labelled:
    """Frames of recordings, end to end, each of a class.

    Attributes:
        values: (N, F).
        num_frames: Frames (U,) of each recording; they add up to N.
        labels: Class (N,) of each frame; -1 for one that is not to be classified.
    """

    values: Tensor
    num_frames: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        if not len(self.values) == len(self.labels) == int(self.num_frames.sum()):
            raise ValueError(
                f"{len(self.values)} frames, {len(self.labels)} labels, {int(self.num_frames.sum())} in all"
            )

    @property
    def recordings(self) -> Tensor:
        """Index (N,) of each frame's recording."""
        return torch.repeat_interleave(torch.arange(len(self.num_frames)), self.num_frames)

    def only(self, recordings: Tensor) -> "Labelled":
        """The same with the labels of these recordings alone: bool (U,)."""
        return replace(self, labels=self.labels.where(recordings[self.recordings], NO_LABEL))

    def index(self) -> Tensor:
        """The frames (n,) that have a label."""
        return (self.labels != NO_LABEL).nonzero().squeeze(1).contiguous()

    def stacked(self, index: Tensor, context: int) -> Tensor:
        """Frames `index` (B,) with `context` neighbours on either side, (B, 2 context + 1, F).

        Beyond the ends of a recording its first or last frame is repeated.
        """
        ends = self.num_frames.cumsum(0)
        recording = torch.searchsorted(ends, index, right=True)
        first, last = (ends - self.num_frames)[recording], ends[recording] - 1
        around = index.unsqueeze(1) + torch.arange(-context, context + 1)
        return self.values[around.clamp(first.unsqueeze(1), last.unsqueeze(1))].float()


def frame_labels(
    phones: Sequence[tuple[float, float, str]], num_frames: int, frame_s: float, classes: Mapping[str, int]
) -> Tensor:
    """Class (T,) of the phone that each frame's middle, `frame_s` seconds apart from 0, lies in; -1 for all others.

    Args:
        phones: (start_s, duration_s, phone), in order.
        num_frames: T.
        frame_s: Seconds from one frame to the next.
        classes: Number of each phone; silence and whatever else is not among them is no class.
    """
    if not phones:
        return torch.full((num_frames,), NO_LABEL)
    starts, lengths, names = zip(*phones, strict=True)
    times_s = torch.arange(num_frames, dtype=torch.float64) * frame_s + ROUNDING_S
    place = torch.searchsorted(torch.tensor(starts, dtype=torch.float64), times_s, right=True) - 1
    ends_s = torch.tensor(starts, dtype=torch.float64) + torch.tensor(lengths, dtype=torch.float64)
    labels = torch.tensor([classes.get(name, NO_LABEL) for name in names])
    inside = (place >= 0) & (times_s < ends_s[place])
    return labels[place].where(inside, NO_LABEL)
