"""Diagonal Gaussians, the only distribution in the house."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Normal = Callable[[str, tuple[int, ...]], Tensor]
"""Draws standard normal noise of a shape for a named purpose: the same purpose, the same noise."""


@dataclass
class Gaussian:
    """A diagonal Gaussian with `mean` and `log_variance` of one shape (..., D)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """Reparameterised sample for standard normal `noise` (..., D)."""
        return self.mean + (0.5 * self.log_variance).exp() * noise

    def log_prob(self, value: Tensor) -> Tensor:
        """Log-density of `value` (..., D) in each dimension, in nats: (..., D)."""
        squared = (value - self.mean).square() * (-self.log_variance).exp()
        return -0.5 * (squared + self.log_variance + math.log(2 * math.pi))

    def kl(self, other: "Gaussian") -> Tensor:
        """KL[self || other] in each dimension, in nats: (..., D), never negative."""
        log_ratio = self.log_variance - other.log_variance
        squared = (self.mean - other.mean).square() * (-other.log_variance).exp()
        return 0.5 * (log_ratio.exp() + squared - 1 - log_ratio)

    def kl_standard(self) -> Tensor:
        """KL[self || N(0, I)] in each dimension, in nats: (..., D), never negative."""
        return self.kl(Gaussian(torch.zeros_like(self.mean), torch.zeros_like(self.mean)))


class GaussianHead(nn.Module):
    """Two linear maps from a code (..., H) to the mean and log-variance of a Gaussian (..., D)."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.mean = nn.Linear(in_features, out_features)
        self.log_variance = nn.Linear(in_features, out_features)

    def forward(self, code: Tensor) -> Gaussian:
        """The Gaussian for `code`. The log-variance is kept in [-10, 10], where its exponential is safe in bfloat16."""
        return Gaussian(self.mean(code).float(), self.log_variance(code).float().clamp(-10.0, 10.0))
