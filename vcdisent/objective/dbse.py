"""DBSE (Berman, Naiman, Arbiv, Fadlon and Azencot, ICML 2024): the bound, and the frames from s alone.

Its disentangling is in the posteriors (`SingleFramePosterior`, `DifferencePosterior`): no view, no information term.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.bound import sample_codes
from vcdisent.objective.weighting import Weighting

SIGNS = {"log_likelihood": 1.0, "log_likelihood_static": 1.0, "kl_static": -1.0, "kl_dynamic": -1.0}
"""How each term enters the objective."""


class DBSEObjective(nn.Module):
    """The bound, and `log_likelihood_static`: how well s explains every frame where z is 0.

    Args:
        weights: The weight of each of the four terms under its name.

    Raises:
        InputError: The weights are not those of the terms.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.weighting = Weighting(SIGNS, weights)

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`. No view is used."""
        sampled = sample_codes(model, model.encoder(batch.x), batch.keyed.normal)
        terms = sampled.bound(batch.x, model.decode(sampled.s, sampled.z))
        by_static = model.decode(sampled.s, torch.zeros_like(sampled.z))
        return self.weighting.with_loss({**terms, "log_likelihood_static": elbo.log_likelihood(batch.x, by_static)})
