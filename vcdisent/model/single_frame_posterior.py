"""DBSE's posteriors (Berman et al., ICML 2024): s from one frame alone, z from what the others differ from it by."""

import torch
from torch import Tensor, nn

from vcdisent.model.gaussian import Gaussian, GaussianHead, Normal
from vcdisent.model.posterior import BidirectionalPosterior


class SingleFramePosterior(nn.Module):
    """q(s | x_1): a Gaussian from the code of the first frame, so that s cannot know how a sequence goes on."""

    def __init__(self, num_inputs: int, num_hidden: int, static_size: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(num_inputs, num_hidden), nn.Tanh())
        self.head = GaussianHead(num_hidden, static_size)

    def forward(
        self,
        codes: Tensor,
        lengths: Tensor | None = None,  # noqa: ARG002 (the first frame is never padding)
    ) -> Gaussian:
        """Gaussian (B, S) for frame codes (B, T, H)."""
        return self.head(self.hidden(codes[:, 0]))


class DifferencePosterior(BidirectionalPosterior):
    """q(z_t | x): the bidirectional posterior, of what each frame's code differs from the first's by.

    The first frame differs by nothing. Given a source of noise, standard normal noise stands in its place, as in the
    authors' code; without one, the mean of that noise, 0. Instance normalisation would undo the subtraction: there is
    none.
    """

    def __init__(self, num_inputs: int, num_hidden: int, dynamic_size: int) -> None:
        super().__init__(num_inputs, num_hidden, dynamic_size, instance_norm=False)

    def forward(self, codes: Tensor, lengths: Tensor | None = None, normal: Normal | None = None) -> Gaussian:
        """Gaussian (B, T, D) for frame codes (B, T, H)."""
        differences = codes - codes[:, :1]
        if normal is not None:
            first = normal("first_frame", tuple(differences[:, :1].shape))
            differences = torch.cat([first, differences[:, 1:]], dim=1)
        return super().forward(differences, lengths, normal)
