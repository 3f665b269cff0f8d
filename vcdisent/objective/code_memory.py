"""A memory of codes of earlier steps, for more negatives than a batch has (He et al., CVPR 2020)."""

import torch
from torch import Tensor, nn


class CodeMemory(nn.Module):
    """The newest codes, in buffers, so that a run is resumed with those that it had.

    Args:
        capacity: Codes kept.
        num_values: Values of a code.

    Attributes:
        codes: The codes (capacity, num_values), newest first.
        num_filled: How many there are by now, a scalar.
    """

    codes: Tensor
    num_filled: Tensor

    def __init__(self, capacity: int, num_values: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.zeros(capacity, num_values))
        self.register_buffer("num_filled", torch.zeros((), dtype=torch.long))

    def read(self) -> tuple[Tensor, Tensor]:
        """A copy of the codes, and whether each place (capacity,) is filled."""
        places = torch.arange(len(self.codes), device=self.codes.device)
        return self.codes.clone(), places < self.num_filled

    @torch.no_grad()
    def push(self, codes: Tensor) -> None:
        """Takes in `codes` (n, num_values), without their history, and lets the oldest go."""
        newest = torch.cat([codes.to(self.codes.dtype), self.codes])
        self.codes.copy_(newest[: len(self.codes)])
        self.num_filled.add_(len(codes)).clamp_(max=len(self.codes))
