"""Minibatch-weighted mutual information: densities under the batch's mixture of posteriors (paper, section 2.2).

The aggregated posterior q(z) is taken to be the mean of q(z | x_j) over the B sequences of the batch, the own included.
Densities are divided by B, nothing else, so that I(z; x) never reads more than log B; and it sits at log B, without a
gradient, where posteriors are so narrow that no sequence's code is likely under another's.
"""

import math

import torch
from torch import Tensor

from vcdisent.model.gaussian import Gaussian


def log_density_matrix(posterior: Gaussian, samples: Tensor) -> Tensor:
    """Matrix of log q(sample_i | x_j) in nats, summed over dimensions: (B, B) for (B, S), (B, B, T) for (B, T, D)."""
    every = Gaussian(posterior.mean.unsqueeze(0), posterior.log_variance.unsqueeze(0))
    return every.log_prob(samples.unsqueeze(1)).sum(-1)


def static_information(static: Gaussian, sample: Tensor) -> Tensor:
    """I(s; x) in nats: E[log q(s | x) - log q(s)], at most log B, for a Gaussian and its sample (B, S)."""
    densities = log_density_matrix(static, sample)
    return (densities.diagonal() - log_mean_exp(densities)).mean()


def cross_information(static: Gaussian, static_sample: Tensor, dynamic: Gaussian, dynamic_sample: Tensor) -> Tensor:
    """I(z_t; s) in nats, averaged over time: E[log q(z_t, s) - log q(z_t) - log q(s)], at most log B.

    Args:
        static: q(s | x) (B, S), and its sample (B, S).
        static_sample: See above.
        dynamic: q(z | x) (B, T, D), and its sample (B, T, D). Each frame is taken by itself: whole trajectories are so
            narrow that the estimate sits at its cap.
        dynamic_sample: See above.
    """
    of_static = log_density_matrix(static, static_sample).unsqueeze(2)
    of_dynamic = log_density_matrix(dynamic, dynamic_sample)
    joint = log_mean_exp(of_static + of_dynamic)
    return (joint - log_mean_exp(of_dynamic) - log_mean_exp(of_static)).mean()


def log_mean_exp(densities: Tensor) -> Tensor:
    """Logarithm of the mean of exp over the second dimension: (B, B, ...) to (B, ...)."""
    return torch.logsumexp(densities, dim=1) - math.log(densities.shape[1])
