"""Frames of a voice, found again by what they say."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

MOST_FRAMES = 4000
"""40 s of speech: of a longer recording every second stretch, or every fourth, and so on."""
WIDTH = 0.28
"""Of the kernel by which frames are recalled, in standard deviations of the codes."""
ROUNDING = 1e-4
"""By so much two means of the same frame may differ, computed in blocks of other lengths."""
STRETCH_FRAMES = 50
"""Neighbours are kept together, so that what is averaged over time can be averaged over these too."""
PRIOR_FRAMES = 1.0
"""So many frames away from everything else are worth as much as the voice's mean."""


@dataclass(frozen=True)
class Memory:
    """Frames of a voice, and what each of them says.

    Attributes:
        dynamic: (N, D) means of the dynamic code.
        frames: (N, F) normalised.
        num_heard: Of how many frames these were chosen; 0 says that they are all.
    """

    dynamic: Tensor
    frames: Tensor
    num_heard: int = 0

    @property
    def num_known(self) -> int:
        """How many frames of the voice were heard."""
        return max(self.num_heard, len(self.frames))

    def by_loudness(self) -> "Memory":
        """The same from the softest frame to the loudest, so that nothing tells which came after which."""
        order = self.frames.mean(1).argsort()
        return replace(self, dynamic=self.dynamic[order], frames=self.frames[order])

    def to(self, device: torch.device) -> "Memory":
        """The same on a device."""
        return replace(self, dynamic=self.dynamic.to(device), frames=self.frames.to(device))

    def recalled(self, dynamic: Tensor, width: float) -> Tensor:
        """Frames (T, F) that the voice says something like `dynamic` (T, D) with: weighted means of its own.

        A Nadaraya-Watson regression of frames on z with a Gaussian kernel, drawn towards the mean where there is little
        to go by.

        Args:
            dynamic: Codes of what is to be said.
            width: Of the kernel, in standard deviations of the voice's own codes.
        """
        scale = self.dynamic.std(0, unbiased=False).clamp_min(1e-6) * width * self.dynamic.shape[1] ** 0.5
        asked, known = ((codes - self.dynamic.mean(0)) / scale for codes in (dynamic, self.dynamic))
        weights = (-0.5 * torch.cdist(asked, known).square()).exp()
        mean = self.frames.mean(0)
        return (weights @ self.frames + PRIOR_FRAMES * mean) / (weights.sum(1, keepdim=True) + PRIOR_FRAMES)


class MemoryBuilder:
    """Gathers a memory from a recording of any length: never more than twice the frames that it keeps."""

    def __init__(self) -> None:
        self.kept: list[tuple[Tensor, Tensor, Tensor]] = []  # places, codes and frames
        self.num_seen, self.every = 0, 1

    def add(self, dynamic: Tensor, frames: Tensor) -> None:
        """Takes the next frames (n, F) with their codes (n, D)."""
        places = torch.arange(len(frames), device=frames.device) + self.num_seen
        self.num_seen += len(frames)
        self.kept.append((places, dynamic, frames))
        while self._thin_out() > MOST_FRAMES:
            self.every *= 2

    def whole(self) -> Memory:
        """What was kept."""
        _, dynamic, frames = (torch.cat(parts) for parts in zip(*self.kept, strict=True))
        return Memory(dynamic, frames, self.num_seen)

    def _thin_out(self) -> int:
        """Leaves out what is not in every second, fourth or so stretch; how many frames are left."""
        places, dynamic, frames = (torch.cat(parts) for parts in zip(*self.kept, strict=True))
        chosen = places // STRETCH_FRAMES % self.every == 0
        self.kept = [(places[chosen], dynamic[chosen], frames[chosen])]
        return int(chosen.sum())
