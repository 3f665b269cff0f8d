"""What two halves of one trajectory share: a network that learns to match them, and codes that learn to prevent it.

Whatever stays, the voice above all, is in both halves of z_1:T, so that a network can tell which belong together. How
well it can is a contrastive estimate (van den Oord et al., 2018; equation 7 here) of the information that they share,
and z is moved to lower it, as in domain-adversarial training (Ganin et al., JMLR 2016), with no label.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from vcdisent.objective.club import TrajectoryReader
from vcdisent.objective.codes import Codes
from vcdisent.objective.contrastive import contrastive_information
from vcdisent.objective.gather import gather_batch


class HalvesAdversary(nn.Module):
    """Stands for I(z; s), s being what the halves of z_1:T share.

    Args:
        dynamic_size: Size of z_t.
        num_hidden: Channels of the network's convolutions.
        num_layers: Convolutions over time, dilated by 1, 2, 4 and so on.
        embedding_size: Size of what the network makes of a half.
        temperature: Of the cosines between those.
    """

    def __init__(
        self,
        dynamic_size: int,
        num_hidden: int = 64,
        num_layers: int = 3,
        embedding_size: int = 64,
        temperature: float = 0.1,
    ) -> None:
        super().__init__()
        self.temperature = temperature
        self.network = Embedder(dynamic_size, num_hidden, num_layers, embedding_size)

    def forward(self, static: Codes, dynamic: Codes) -> dict[str, Tensor]:  # noqa: ARG002 (s is not asked)
        """`mi_cross`, with its gradient to z alone, and `mi_cross_fit`, the same with its gradient to the network."""
        means = dynamic.posterior.mean
        fixed = {name: weight.detach() for name, weight in self.network.named_parameters()}
        shared = self._information(functional_call(self.network, fixed, (means,)))
        return {"mi_cross": shared, "mi_cross_fit": self._information(self.network(means.detach()))}

    def _information(self, halves: tuple[Tensor, Tensor]) -> Tensor:
        own, other = (gather_batch(half) for half in halves)
        return contrastive_information(own, other, self.temperature)


class Embedder(nn.Module):
    """One vector for each half of a trajectory."""

    def __init__(self, dynamic_size: int, num_hidden: int, num_layers: int, embedding_size: int) -> None:
        super().__init__()
        self.reader = TrajectoryReader(dynamic_size, num_hidden, num_layers, embedding_size)

    def forward(self, dynamic: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, E) of the first and the second half of trajectories (B, T, D)."""
        middle = dynamic.shape[1] // 2
        pieces = torch.cat([dynamic[:, :middle], dynamic[:, -middle:]])
        first, second = functional.normalize(self.reader(pieces).mean, dim=1).chunk(2)
        return first, second
