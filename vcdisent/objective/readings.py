"""Mutual information by several estimators, for the log: the same figures whatever a model was trained for."""

import torch
from torch import Tensor

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.model.batch_statistics import own_statistics
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.contrastive import contrastive_information
from vcdisent.objective.minibatch_weighted import cross_information, sequence_information

READINGS = (
    *("mi_static_contrastive", "mi_static_mws", "mi_dynamic_contrastive", "mi_dynamic_mws"),
    *("mi_cross_mws", "dynamic_place_share"),
)
"""Names of the figures."""


@torch.no_grad()
def information_readings(model: SequenceVAE, batch: Batch) -> dict[str, float]:
    """I(s; x), I(z; x) and I(z_t; s) of a batch in nats, by each estimator that learns nothing; and `place_share` of z.

    With the paper's settings for the contrastive ones (tau 0.5, cosines of codes flattened over time, negatives of both
    views), so that methods compare. All are at most the logarithm of a number of sequences, `log B` or `log(2 B - 1)`:
    only batches of one size compare. On this rank alone: no other is waited for.

    Args:
        model: Trained by any method.
        batch: Sequences and their views; its noise is that of the samples.
    """
    own = model.encode(batch.x)
    with own_statistics(model):
        dynamic_view = model.encode(batch.x_dynamic)
    static_view = model.encode(keep_static_frames(batch))
    normal = batch.keyed.normal
    sampled = model.encode(batch.x, normal=normal)
    static, dynamic = sampled.static, of_frames(sampled.dynamic)
    s = static.sample(normal("static", tuple(static.mean.shape)))
    z = dynamic.sample(normal("dynamic", tuple(dynamic.mean.shape)))
    readings = (
        contrastive_information(own.static.mean, static_view.static.mean),
        sequence_information(static, s),
        contrastive_information(of_frames(own.dynamic).mean, of_frames(dynamic_view.dynamic).mean),
        sequence_information(dynamic, z),
        cross_information(static, s, dynamic, z),
        place_share(of_frames(own.dynamic).mean),
    )
    return dict(zip(READINGS, torch.stack(readings).tolist(), strict=True))


def place_share(dynamic: Tensor) -> Tensor:
    """Share of the variance of codes (B, T, D) that a frame's place in its sequence explains; by chance 1 / B.

    Of speech, which is cut anywhere, the place says nothing of what a sequence holds: a code that has it found a way to
    tell the steps of a sequence apart without them. Clips of video begin where an action does, and have it by right.
    """
    of_place, whole = dynamic.mean(0).var(0, correction=0), dynamic.var((0, 1), correction=0)
    return of_place.sum() / whole.sum()


def keep_static_frames(batch: Batch) -> Tensor:
    """Normalised frames (B, T, ...) of the keep-static view."""
    if batch.x_static is not None:
        return batch.x_static
    assert batch.order is not None  # one of the two is given
    return reorder(batch.x, batch.order)


def of_frames(dynamic: Gaussian | None) -> Gaussian:
    """The dynamic half, which a sequential VAE has."""
    assert dynamic is not None
    return dynamic
