"""SPYL (Naiman, Berman and Azencot, ICML 2023): contrastive terms whose views are drawn from the model itself.

A positive for s is the static code of the sequence decoded with another trajectory, one for z that of the sequence
decoded with another s: both from the prior, decoded and encoded again (predictive sampling). Negatives are codes of
wholly drawn sequences, those whose posteriors are farthest from the anchor's by KL divergence. This is what the
authors' code does; their paper also takes positives among the nearest sequences of the batch.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import Batch
from vcdisent.model.batch_statistics import statistics_kept
from vcdisent.model.gaussian import Gaussian, Normal
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.bound import Sampled, sample_codes
from vcdisent.objective.codes import everywhere
from vcdisent.objective.objective import SIGNS
from vcdisent.objective.weighting import Weighting


class SPYLObjective(nn.Module):
    """The bound, contrastive estimates of I(s; x) and I(z; x) from predicted views, and I(z; s).

    Args:
        weights: The weight of each of the six terms under its name.
        temperature: tau of the contrastive terms.
        bank_factor: Sequences drawn for negatives, for each sequence of the batch.
        negative_share: Share of them that are negatives of an anchor: the farthest.
        start_step: The contrastive terms are 0 before this step: until then a drawn sequence is noise.

    Raises:
        InputError: The weights are not those of the terms.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        temperature: float = 0.5,
        bank_factor: int = 4,
        negative_share: float = 0.5,
        start_step: int = 100,
    ) -> None:
        super().__init__()
        self.weighting, self.temperature = Weighting(SIGNS, weights), temperature
        self.bank_factor, self.negative_share, self.start_step = bank_factor, negative_share, start_step

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`. Neither view of the batch is used."""
        sampled = sample_codes(model, model.encoder(batch.x), batch.keyed.normal)
        terms = sampled.bound(batch.x, model.decode(sampled.s, sampled.z))
        has_started = batch.keyed.step >= self.start_step
        static, dynamic = self._information(model, sampled, batch.keyed.normal) if has_started else batch.x.new_zeros(2)
        return self.weighting.with_loss(
            {**terms, "mi_static": static, "mi_dynamic": dynamic, "mi_cross": sampled.cross_information()}
        )

    def _information(self, model: SequenceVAE, sampled: Sampled, normal: Normal) -> tuple[Tensor, Tensor]:
        """I(s; x) and I(z; x) in nats; z is compared by its mean over time, as in the authors' code."""
        s, z = sampled.static.mean, sampled.dynamic.mean
        size, num_drawn = len(s), self.bank_factor * len(s)
        trajectories = draw_trajectories(model, size, num_drawn, z.shape[1], normal)
        with torch.no_grad():
            s_bank = normal("bank_static", (num_drawn, s.shape[1]))
            bank = predict(model, s_bank, model.prior(trajectories[size:]).mean)
        s_other = normal("view_static", tuple(s.shape))
        z_other = model.prior(trajectories[:size]).mean
        static, dynamic = predict(model, torch.cat([s, s_other]), torch.cat([z_other, z]))
        return (
            self._contrast(sampled.static, static.mean[:size], bank[0]),
            self._contrast(over_time(sampled.dynamic), over_time(dynamic).mean[size:], over_time(bank[1])),
        )

    def _contrast(self, anchors: Gaussian, positives: Tensor, bank: Gaussian) -> Tensor:
        everyone = everywhere(bank)
        num_negatives = max(1, round(self.negative_share * len(everyone.mean)))
        chosen = farthest(anchors, everyone, num_negatives)
        return contrast(anchors.mean, positives, everyone.mean[chosen], self.temperature)


def draw_trajectories(model: SequenceVAE, num_views: int, num_drawn: int, num_frames: int, normal: Normal) -> Tensor:
    """Trajectories (num_views + num_drawn, T, D) of the prior, in one walk along time, without gradients."""

    def noise(_: str, shape: tuple[int, ...]) -> Tensor:
        """Noise of the two kinds, each keyed by itself, so that rows are the same on any number of ranks."""
        return torch.cat([normal("view_prior", (num_views, *shape[1:])), normal("bank_prior", (num_drawn, *shape[1:]))])

    return model.prior.sample(num_views + num_drawn, num_frames, noise)


def predict(model: SequenceVAE, static: Tensor, dynamic: Tensor) -> tuple[Gaussian, Gaussian]:
    """Posteriors (B, S) and (B, T, D) of the sequences that the model decodes from codes (B, S) and (B, T, D)."""
    with statistics_kept(model):
        codes = model.encoder(model.decode(static, dynamic))
    return model.static_posterior(codes), model.dynamic_posterior(codes)


def over_time(dynamic: Gaussian) -> Gaussian:
    """Mean and log-variance (B, D) of a posterior (B, T, D), averaged over time."""
    return Gaussian(dynamic.mean.mean(1), dynamic.log_variance.mean(1))


@torch.no_grad()
def farthest(anchors: Gaussian, bank: Gaussian, num_negatives: int) -> Tensor:
    """Rows (B, n) of `bank` (M, C) with the largest KL[anchor || row], for `anchors` (B, C)."""
    every = Gaussian(anchors.mean.unsqueeze(1), anchors.log_variance.unsqueeze(1))
    return every.kl(bank).sum(-1).topk(num_negatives, dim=1).indices


def contrast(anchors: Tensor, positives: Tensor, negatives: Tensor, temperature: float) -> Tensor:
    """E log[phi+ / (phi+ + sum_j phi_j)] + log(n + 1) in nats, at most log(n + 1); phi = exp(cosine / temperature).

    Args:
        anchors: Codes (B, C).
        positives: Codes (B, C).
        negatives: Codes (B, n, C).
        temperature: tau.
    """
    near = functional.cosine_similarity(anchors, positives, dim=-1).unsqueeze(1)
    far = functional.cosine_similarity(anchors.unsqueeze(1), negatives, dim=-1)
    log_probability = (torch.cat([near, far], dim=1) / temperature).log_softmax(1)
    return log_probability[:, 0].mean() + math.log(negatives.shape[1] + 1)
