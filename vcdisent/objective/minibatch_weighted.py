"""Minibatch-weighted mutual information: densities under the batch's mixture of posteriors (paper, section 2.2).

The aggregated posterior q(z) is taken to be the mean of q(z | x_j) over the B sequences of the batch, the own included.
Densities are divided by B, nothing else, so that I(z; x) never reads more than log B; and it sits at log B, without a
gradient, where posteriors are so narrow that no sequence's code is likely under another's. Whole trajectories of z are
always so narrow: a tenth of a standard deviation in each of T D dimensions adds up.
"""

import math

import torch
from torch import Tensor, nn

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.codes import Codes, everywhere
from vcdisent.objective.gather import gather_batch


class MinibatchWeighted(nn.Module):
    """I(s; x) or I(z_1:T; x) by minibatch-weighted sampling; looks at no view.

    Args:
        dataset_size: N, the number of sequences that there are: a code's own sequence weighs 1/N in the mixture, as it
            does in the aggregated posterior, and the others the rest (stratified sampling, Chen et al., NeurIPS 2018,
            appendix C.2). The cap is log N then. None weighs all sequences of the batch alike.

    Raises:
        InputError: `dataset_size` is less than 1.
    """

    needs_view = False

    def __init__(self, dataset_size: int | None = None) -> None:
        super().__init__()
        if dataset_size is not None and dataset_size < 1:
            raise InputError(f"configuration: MinibatchWeighted dataset_size={dataset_size}; give 1 or more, or null")
        self.dataset_size = dataset_size

    def forward(self, codes: Codes) -> Tensor:
        """The estimate in nats, over the sequences of all ranks."""
        return sequence_information(everywhere(codes.posterior), gather_batch(codes.sample), self.dataset_size)


class CrossMinibatchWeighted(nn.Module):
    """I(z_t; s) by minibatch-weighted sampling, averaged over time."""

    def forward(self, static: Codes, dynamic: Codes) -> dict[str, Tensor]:
        """`mi_cross` in nats, over the sequences of all ranks."""
        s, z = (gather_batch(codes.sample) for codes in (static, dynamic))
        return {"mi_cross": cross_information(everywhere(static.posterior), s, everywhere(dynamic.posterior), z)}


def log_density_matrix(posterior: Gaussian, samples: Tensor) -> Tensor:
    """Matrix of log q(sample_i | x_j) in nats, summed over dimensions: (B, B) for (B, S), (B, B, T) for (B, T, D).

    The square is multiplied out into one product of matrices, in double precision, because the parts of the square of
    a narrow posterior are a million times their sum.
    """
    mean, log_variance, value = (x.double() for x in (posterior.mean, posterior.log_variance, samples))
    precision = (-log_variance).exp()
    of_value = torch.cat([value.square(), value], dim=-1)
    of_posterior = torch.cat([-0.5 * precision, mean * precision], dim=-1)
    constant = -0.5 * (mean.square() * precision + log_variance + math.log(2 * math.pi)).sum(-1)
    if value.dim() == 2:
        return (of_value @ of_posterior.T + constant).to(samples.dtype)
    products = of_value.transpose(0, 1) @ of_posterior.permute(1, 2, 0)  # (T, B, B)
    return (products.permute(1, 2, 0) + constant).to(samples.dtype)


def sequence_information(posterior: Gaussian, sample: Tensor, dataset_size: int | None = None) -> Tensor:
    """I(s; x) or I(z_1:T; x) in nats: E[log q(z | x) - log q(z)], at most log B, or log N.

    Args:
        posterior: q(s | x) (B, S), or q(z | x) (B, T, D), a trajectory being one code.
        sample: Drawn from it.
        dataset_size: As for `MinibatchWeighted`.
    """
    flat = Gaussian(posterior.mean.flatten(1), posterior.log_variance.flatten(1))
    densities = log_density_matrix(flat, sample.flatten(1))
    return (densities.diagonal() - log_aggregated(densities, dataset_size)).mean()


def log_aggregated(densities: Tensor, dataset_size: int | None = None) -> Tensor:
    """log q(z_i) (B,) from log q(z_i | x_j) (B, B); weighted as for `MinibatchWeighted`."""
    if dataset_size is None:
        return log_mean_exp(densities)
    num_others = max(len(densities) - 1, 1)
    is_own = torch.eye(len(densities), dtype=torch.bool, device=densities.device)
    weights = torch.where(is_own, 1 / dataset_size, (1 - 1 / dataset_size) / num_others)
    return torch.logsumexp(densities + weights.log(), dim=1)


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
