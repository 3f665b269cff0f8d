"""S3VAE (Zhu, Min, Kadav and Graf, CVPR 2020): the bound, a triplet of static codes, the volume in z, and I(z; s).

Its authors' code is not public; the terms are those of the paper, on this project's model. What supervises z is the
volume, which needs no label: whether a frame is louder than the average frame.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import Batch
from vcdisent.model.frame_coders import perceptron
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.bound import sample_codes
from vcdisent.objective.codes import keep_static_codes
from vcdisent.objective.gather import gather_batch
from vcdisent.objective.weighting import Weighting

SIGNS = {
    "log_likelihood": 1.0,
    "kl_static": -1.0,
    "kl_dynamic": -1.0,
    "triplet": -1.0,
    "volume": -1.0,
    "mi_cross": -1.0,
}
"""How each term enters the objective."""


class S3VAEObjective(nn.Module):
    """L_VAE + l1 L_SCC + l2 L_DFP + l3 L_MI: `triplet` is the second, `volume` the third, `mi_cross` the fourth.

    Args:
        weights: The weight of each of the six terms under its name.
        dynamic_size: Size of z_t.
        num_hidden: Size of the hidden layer of the network that reads the volume from z_t.
        margin: By how much the static code of another sequence must be farther than that of the shuffled one.

    Raises:
        InputError: The weights are not those of the terms.
    """

    def __init__(
        self, weights: Mapping[str, float], dynamic_size: int, num_hidden: int = 64, margin: float = 1.0
    ) -> None:
        super().__init__()
        self.weighting, self.margin = Weighting(SIGNS, weights), margin
        self.volume = nn.Sequential(perceptron([dynamic_size, num_hidden]), nn.Linear(num_hidden, 1))

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch, unweighted, and `loss`. The keep-dynamic view is not used."""
        normal = batch.keyed.normal
        codes = model.encoder(batch.x)
        sampled = sample_codes(model, codes, normal)
        positive = model.static_posterior(keep_static_codes(model, batch, codes))
        s_positive = positive.sample(normal("static_positive", tuple(positive.mean.shape)))
        volume = self.volume(sampled.z).squeeze(2).float()
        terms = {
            **sampled.bound(batch.x, model.decode(sampled.s, sampled.z)),
            "triplet": triplet(gather_batch(sampled.s), gather_batch(s_positive), self.margin),
            "volume": functional.binary_cross_entropy_with_logits(volume, is_loud(batch.x)),
            "mi_cross": sampled.cross_information(),
        }
        return self.weighting.with_loss(terms)


def triplet(anchors: Tensor, positives: Tensor, margin: float) -> Tensor:
    """Static consistency: max(|s - s+| - |s - s-| + margin, 0), batch mean; s- is the next sequence's.

    Args:
        anchors: Static codes (B, S).
        positives: Those of their keep-static views (B, S).
        margin: See above.
    """
    near = functional.pairwise_distance(anchors, positives)
    far = functional.pairwise_distance(anchors, anchors.roll(-1, dims=0))
    return (near - far + margin).clamp_min(0.0).mean()


def is_loud(x: Tensor) -> Tensor:
    """Whether each normalised frame of `x` (B, T, ...) is above the average of the training data: (B, T), 0 or 1."""
    return (x.flatten(2).mean(2) > 0).to(torch.float32)
