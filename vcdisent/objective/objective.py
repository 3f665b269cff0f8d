"""The objective of C-DSVAE (paper, equation 6): every term by name, in nats, with the sign of the paper."""

from collections.abc import Mapping

from torch import Tensor, nn

from vcdisent.batches import Batch
from vcdisent.errors import InputError
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.codes import Codes, code_batch
from vcdisent.objective.weighting import Weighting

SIGNS = {
    "log_likelihood": 1.0,
    "kl_static": -1.0,
    "kl_dynamic": -1.0,
    "mi_static": 1.0,
    "mi_dynamic": 1.0,
    "mi_cross": -1.0,
}
"""How each term enters equation 6."""

ESTIMATED = ("mi_static", "mi_dynamic", "mi_cross")
"""Terms that are estimated, each by an object of its own."""


class DisentanglingObjective(nn.Module):
    """L = E[log p(x|z,s)] - alpha (KL_s + KL_z) + beta (I(s;x) + I(z;x)) - gamma I(z;s).

    Args:
        weights: The weight of each of the six terms under its name; a weight of 0 leaves the term out, and a view that
            only such terms need is not encoded.
        estimators: What estimates `mi_static`, `mi_dynamic` and `mi_cross`. The first two are called with `Codes` and
            say whether they need a view of them (`needs_view`); the last with both `Codes`, and gives `mi_cross` and,
            if it has a network that learns, that one's log-likelihood `mi_cross_fit`, which is maximised along.
        context_frames: The KL of z counts only the frames after these, whose prior is conditioned on them.
        decoded_views: Share of the sequences that are decoded from the s of their keep-static view, so that a decoder
            cannot ask s for what the view has changed. Not in the paper.

    Raises:
        InputError: A weight is that of no term, a term has none, all are 0, an estimator is missing, or the share is
            not from 0 to 1.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        estimators: Mapping[str, nn.Module],
        context_frames: int = 0,
        decoded_views: float = 0.0,
    ) -> None:
        super().__init__()
        self.weighting = Weighting(SIGNS, weights)
        if estimators.keys() != set(ESTIMATED):
            raise InputError(f"configuration: estimators are wanted of {', '.join(ESTIMATED)}, each of them")
        self.estimators = nn.ModuleDict(estimators)
        if not 0 <= decoded_views <= 1:
            raise InputError(f"configuration: objective.decoded_views={decoded_views} is no share; give 0 to 1")
        self.context_frames, self.decoded_views = context_frames, decoded_views

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`, minus their weighted sum."""
        self._check_context(batch.x.shape[1])
        view_share = getattr(self.estimators["mi_dynamic"], "view_share", 1.0)
        views = self._needs_view("mi_static") or self.decoded_views > 0, self._needs_view("mi_dynamic")
        static, dynamic = code_batch(model, batch, *views, view_share, self.decoded_views)
        terms = self.terms(model, batch, static, dynamic)
        terms["loss"] = self.loss(terms)
        return terms

    def terms(self, model: SequenceVAE, batch: Batch, static: Codes, dynamic: Codes) -> dict[str, Tensor]:
        """Terms of the codes of a batch, unweighted."""
        s, z = static.sample, dynamic.sample
        terms = {
            "log_likelihood": elbo.log_likelihood(batch.x, model.decode(s, z)),
            "kl_static": elbo.kl_static(static.posterior),
            "kl_dynamic": elbo.kl_dynamic(dynamic.posterior, model.prior(z), self.context_frames),
        }
        for name, codes in (("mi_static", static), ("mi_dynamic", dynamic)):
            if self._wants(name):
                terms[name] = self.estimators[name](codes)
        if self._wants("mi_cross"):
            terms |= self.estimators["mi_cross"](static, dynamic)
        return terms

    def loss(self, terms: Mapping[str, Tensor]) -> Tensor:
        """Minus the weighted sum of `terms`, and minus the log-likelihood of a network that learns along."""
        loss = self.weighting.with_loss(dict(terms))["loss"]
        return loss - terms["mi_cross_fit"] if "mi_cross_fit" in terms else loss

    @property
    def weights(self) -> Mapping[str, float]:
        """The weight of each term, with the sign with which it enters."""
        return self.weighting.signed

    def _wants(self, name: str) -> bool:
        return self.weights[name] != 0.0

    def _needs_view(self, name: str) -> bool:
        return self._wants(name) and bool(self.estimators[name].needs_view)

    def _check_context(self, num_frames: int) -> None:
        if not 0 <= self.context_frames < num_frames:
            raise InputError(
                f"configuration: objective.context_frames={self.context_frames} leaves none of a segment's "
                f"{num_frames} frames; give 0 to {num_frames - 1}"
            )
