"""The objective of C-DSVAE (paper, equation 6): every term by name, in nats, with the sign of the paper."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.contrastive import Negatives, contrastive_information
from vcdisent.objective.gather import gather_batch
from vcdisent.objective.minibatch_weighted import cross_information

SIGNS = {
    "log_likelihood": 1.0,
    "kl_static": -1.0,
    "kl_dynamic": -1.0,
    "mi_static": 1.0,
    "mi_dynamic": 1.0,
    "mi_cross": -1.0,
}
"""How each term enters equation 6."""


class DisentanglingObjective(nn.Module):
    """L = E[log p(x|z,s)] - alpha (KL_s + KL_z) + beta (I(s;x) + I(z;x)) - gamma I(z;s).

    Args:
        weights: The weight of each of the six terms under its name; a weight of 0 leaves the term out of the loss, and
            a view that only such terms need is not encoded.
        temperature: tau of equation 8.
        negatives: Which codes are negatives in equation 7.

    Raises:
        InputError: A weight is that of no term, a term has none, or all are 0.
    """

    def __init__(
        self, weights: Mapping[str, float], temperature: float = 0.5, negatives: Negatives = "both_views"
    ) -> None:
        super().__init__()
        unknown = weights.keys() - SIGNS.keys()
        if unknown:
            raise InputError(f"configuration: {sorted(unknown)[0]!r} is no term; the terms are {', '.join(SIGNS)}")
        missing = SIGNS.keys() - weights.keys()
        if missing:
            raise InputError(f"configuration: {sorted(missing)[0]!r} has no weight; give 0 to leave the term out")
        self.weights = {name: float(weights[name]) for name in SIGNS}
        if not any(self.weights.values()):
            raise InputError(f"configuration: all weights are 0; give one of {', '.join(SIGNS)} another")
        self.temperature, self.negatives = temperature, negatives

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`, minus their weighted sum."""
        normal = batch.keyed.normal
        size = len(batch.x)
        views = [batch.x, batch.x_dynamic] if self._wants("mi_dynamic") else [batch.x]
        codes = model.encoder(torch.cat(views))
        own = codes[:size]
        ordered = torch.cat([own, reorder(own, batch.order)]) if self._wants("mi_static") else own
        every_static = model.static_posterior(ordered)
        every_dynamic = model.dynamic_posterior(codes)
        static, dynamic = first(every_static, size), first(every_dynamic, size)
        if model.dynamic_posterior.feeds_back:  # means were fed back for comparing codes; the bound needs samples
            dynamic = model.dynamic_posterior(own, None, normal)
        s = static.sample(normal("static", tuple(static.mean.shape)))
        z = dynamic.sample(normal("dynamic", tuple(dynamic.mean.shape)))
        terms = {
            "log_likelihood": elbo.log_likelihood(batch.x, model.decode(s, z)),
            "kl_static": elbo.kl_static(static),
            "kl_dynamic": elbo.kl_dynamic(dynamic, model.prior(z)),
        }
        for name, every in (("mi_static", every_static), ("mi_dynamic", every_dynamic)):
            if self._wants(name):
                anchors, positives = gather_batch(every.mean[:size]), gather_batch(every.mean[size:])
                terms[name] = contrastive_information(anchors, positives, self.temperature, self.negatives)
        terms["mi_cross"] = cross_information(everywhere(static), gather_batch(s), everywhere(dynamic), gather_batch(z))
        weighted = [SIGNS[name] * self.weights[name] * term for name, term in terms.items() if self._wants(name)]
        terms["loss"] = -torch.stack(weighted).sum()
        return terms

    def _wants(self, name: str) -> bool:
        return self.weights[name] != 0.0


def first(gaussian: Gaussian, size: int) -> Gaussian:
    """The first `size` rows of a Gaussian."""
    return Gaussian(gaussian.mean[:size], gaussian.log_variance[:size])


def everywhere(gaussian: Gaussian) -> Gaussian:
    """A Gaussian with the rows of all ranks."""
    return Gaussian(gather_batch(gaussian.mean), gather_batch(gaussian.log_variance))
