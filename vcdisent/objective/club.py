"""CLUB: an upper bound of I(z; s) by a network that learns to tell the one from the other (Cheng et al., ICML 2020).

The network learns on codes that it cannot move, the codes lower a bound by a network that they cannot move: one loss,
one optimiser, each half with its own gradient.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from vcdisent.model.gaussian import Gaussian, GaussianHead
from vcdisent.objective.codes import Codes, everywhere
from vcdisent.objective.gather import gather_batch


class Club(nn.Module):
    """Bounds I(z_t; s) by a network q(z_t | s), the same at all times.

    Args:
        static_size: Size of s.
        dynamic_size: Size of z_t.
        num_hidden: Size of the network's layers.
        detach_static: Let the bound move z alone, so that s is not made to forget what z knows.
    """

    def __init__(self, static_size: int, dynamic_size: int, num_hidden: int = 128, detach_static: bool = True) -> None:
        super().__init__()
        self.detach_static = detach_static
        self.network = nn.Sequential(
            nn.Linear(static_size, num_hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(num_hidden, num_hidden),
            nn.LeakyReLU(0.2),
            GaussianHead(num_hidden, dynamic_size),
        )

    def forward(self, static: Codes, dynamic: Codes) -> dict[str, Tensor]:
        """`mi_cross`, and `mi_cross_fit`, the log-likelihood of a frame, both in nats."""
        s = static.sample.detach() if self.detach_static else static.sample
        return bound_and_fit(self.network, s.unsqueeze(1), dynamic.sample)


class SequenceClub(nn.Module):
    """Bounds I(z_1:T; s) by a network q(s | z_1:T), which sees what the deviation of z tells of the speaker too.

    Args:
        static_size: As for `Club`.
        dynamic_size: As for `Club`.
        num_hidden: Channels of its convolutions.
        num_layers: Convolutions over time, dilated by 1, 2, 4 and so on.
        detach_static: As for `Club`.
    """

    def __init__(
        self,
        static_size: int,
        dynamic_size: int,
        num_hidden: int = 128,
        num_layers: int = 3,
        detach_static: bool = True,
    ) -> None:
        super().__init__()
        self.detach_static = detach_static
        self.network = TrajectoryReader(dynamic_size, num_hidden, num_layers, static_size)

    def forward(self, static: Codes, dynamic: Codes) -> dict[str, Tensor]:
        """`mi_cross`, and `mi_cross_fit`, the log-likelihood of s, both in nats."""
        s = static.sample.detach() if self.detach_static else static.sample
        return bound_and_fit(self.network, dynamic.sample, s)


class TrajectoryReader(nn.Module):
    """Dilated convolutions over z_1:T, their mean and deviation over time, and a Gaussian over s."""

    def __init__(self, dynamic_size: int, num_hidden: int, num_layers: int, static_size: int) -> None:
        super().__init__()
        sizes = [dynamic_size] + [num_hidden] * num_layers
        self.layers = nn.ModuleList(
            nn.Conv1d(sizes[layer], num_hidden, 3, dilation=2**layer, padding=2**layer) for layer in range(num_layers)
        )
        self.head = GaussianHead(2 * num_hidden, static_size)

    def forward(self, dynamic: Tensor) -> Gaussian:
        """Gaussian (B, S) for trajectories (B, T, D)."""
        hidden = dynamic.transpose(1, 2)
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), 0.2)
        mean = hidden.mean(2, keepdim=True)
        deviation = ((hidden - mean).square().mean(2) + 1e-5).sqrt()
        return self.head(torch.cat([mean.squeeze(2), deviation], dim=1))


def bound_and_fit(network: nn.Module, given: Tensor, value: Tensor) -> dict[str, Tensor]:
    """The bound with its gradient to the codes alone, and the log-likelihood with its gradient to the network alone.

    Args:
        network: Gaussian (B, ..., V) of `value`, which broadcasts to it, for `given` (B, ...).
        given: Codes of this rank.
        value: Codes (B, ..., V) of this rank.
    """
    fixed = {name: weight.detach() for name, weight in network.named_parameters()}
    told = everywhere(functional_call(network, fixed, (given,)))
    bound = upper_bound(told, gather_batch(value))
    fit = network(given.detach()).log_prob(value.detach()).sum(-1).mean()
    shown = bound + (bound.clamp_min(0) - bound).detach()  # a network that lags behind reads below 0, which I never is
    return {"mi_cross": shown, "mi_cross_fit": fit}


def upper_bound(told: Gaussian, value: Tensor) -> Tensor:
    """E[log q(v_i | u_i)] - E[log q(v_j | u_i)] in nats, the second over all pairs (CLUB, equation 14).

    The mean over pairs needs the mean and variance of the values alone, not each pair.

    Args:
        told: q(v | u) of each code u: (B, V), or what broadcasts to (B, T, V).
        value: The codes v, (B, V) or (B, T, V).
    """
    variance, mean = torch.var_mean(value.flatten(0, -2), dim=0, correction=0)
    others = (mean - told.mean).square() + variance
    return 0.5 * ((others - (value - told.mean).square()) * (-told.log_variance).exp()).sum(-1).mean()
