"""R-WAE (Han, Min, Han, Li and Zhang, ICLR 2021): codes that as a whole, not one by one, follow their prior.

    sum_t E[c(x_t, G(z_t, s))] + b1 D(q(s), p(s)) + b2 sum_t D(q(z_t | z_<t), p(z_t | z_<t))

D is the maximum mean discrepancy between a batch of codes and as many draws of the prior. No mutual information is
added: the penalty leaves I(s; x) and I(z; x) alone, where a KL would take them away. The kernel is that of WAE-MMD
(Tolstikhin et al., ICLR 2018).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.bound import sample_codes
from vcdisent.objective.gather import gather_batch
from vcdisent.objective.weighting import Weighting

SIGNS = {"log_likelihood": 1.0, "mmd_static": -1.0, "mmd_dynamic": -1.0}
"""How each term enters the objective."""

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Widths of the kernels that are summed, relative to the mean squared distance of two draws of the prior."""


class RWAEObjective(nn.Module):
    """The likelihood less the two penalties, by maximum mean discrepancy.

    Args:
        weights: The weight of each of the three terms under its name.

    Raises:
        InputError: The weights are not those of the terms.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.weighting = Weighting(SIGNS, weights)

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`. No view is used."""
        normal = batch.keyed.normal
        sampled = sample_codes(model, model.encoder(batch.x), normal)
        s_prior = normal("prior_static", tuple(sampled.s.shape))
        z_prior = sampled.prior.sample(normal("prior_dynamic", tuple(sampled.z.shape)))
        static, dynamic = (sampled.s, s_prior), (sampled.z.transpose(0, 1), z_prior.transpose(0, 1))
        terms = {
            "log_likelihood": elbo.log_likelihood(batch.x, model.decode(sampled.s, sampled.z)),
            "mmd_static": discrepancy(*(gather_batch(draws) for draws in static)),
            "mmd_dynamic": discrepancy(*(gather_steps(draws) for draws in dynamic)).sum(),
        }
        return self.weighting.with_loss(terms)


def gather_steps(draws: Tensor) -> Tensor:
    """Draws (T, B, D) of all ranks, step by step."""
    return gather_batch(draws.transpose(0, 1)).transpose(0, 1)


def discrepancy(codes: Tensor, draws: Tensor) -> Tensor:
    """Squared maximum mean discrepancy, unbiased, so that it may be below 0 (Gretton et al., JMLR 2012, equation 4).

    The kernel is the sum over `SCALES` of C / (C + |a - b|^2), C being the scale times the mean squared distance of two
    draws: 2 D for N(0, I). It is measured, because the prior of z is learnt and would else grow out of the kernel's
    sight. A code is never compared with the draw of its own index, which for z follows the same past.

    Args:
        codes: Codes (..., B, D).
        draws: Draws of the prior (..., B, D).

    Returns:
        One value for each leading index.
    """
    both = torch.cat([codes, draws], dim=-2).float()
    with torch.autocast(both.device.type, enabled=False):  # squared distances cancel in bfloat16
        products = both @ both.transpose(-1, -2)
    norms = products.diagonal(dim1=-2, dim2=-1)
    squared = (norms.unsqueeze(-1) + norms.unsqueeze(-2) - 2 * products).clamp_min(0.0)
    size = codes.shape[-2]
    num_pairs = max(size * (size - 1), 1)
    spread = squared[..., size:, size:].sum((-1, -2)).detach().clamp_min(1e-6) / num_pairs
    widths = spread[..., None, None, None] * torch.tensor(SCALES, device=both.device)
    kernel = (widths / (widths + squared.unsqueeze(-1))).sum(-1)
    within = kernel[..., :size, :size] + kernel[..., size:, size:]
    across = kernel[..., :size, size:] + kernel[..., size:, :size]
    different = 1.0 - torch.eye(size, device=both.device)
    return ((within - across) * different).sum((-1, -2)) / num_pairs
