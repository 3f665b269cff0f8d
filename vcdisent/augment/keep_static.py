"""Keep-static views: the same frames in another order (the paper's content augmentation, section 2.3)."""

import torch
from torch import Tensor


class Shuffle:
    """Puts the frames of each sequence in an order of its own."""

    def order(self, batch_size: int, num_frames: int, generator: torch.Generator) -> Tensor:
        """Frame indices (B, T) of the view."""
        noise = torch.rand(batch_size, num_frames, generator=generator, device=generator.device)
        return noise.argsort(dim=1)


class Reverse:
    """Runs time backwards."""

    def order(self, batch_size: int, num_frames: int, generator: torch.Generator) -> Tensor:
        """Frame indices (B, T) of the view."""
        backwards = torch.arange(num_frames - 1, -1, -1, device=generator.device)
        return backwards.expand(batch_size, num_frames)


def reorder(frames: Tensor, order: Tensor) -> Tensor:
    """Frames (B, T, ...) in the order (B, T) that a view gives: works on inputs and on codes of frames alike."""
    return frames[torch.arange(len(frames), device=frames.device).unsqueeze(1), order]
