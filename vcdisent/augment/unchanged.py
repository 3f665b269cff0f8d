"""No view: for what is trained without comparing any."""

import torch
from torch import Tensor


class Unchanged:
    """Gives frames back as they are."""

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """`frames` (B, T, ...)."""
        return frames
