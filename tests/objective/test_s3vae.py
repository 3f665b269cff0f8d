"""S3VAE: the triplet and the volume against known values, and the keep-static view in both its forms."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.minibatch_weighted import cross_information
from vcdisent.objective.s3vae import SIGNS, S3VAEObjective, is_loud, triplet

WEIGHTS = dict.fromkeys(SIGNS, 1.0)


def test_the_triplet_is_the_margin_that_is_missing() -> None:
    anchors = 3.0 * torch.eye(4)
    distance = 3.0 * math.sqrt(2.0)
    assert triplet(anchors, anchors, margin=1.0) == 0
    torch.testing.assert_close(triplet(anchors, anchors, margin=10.0), torch.tensor(10.0 - distance), atol=1e-4, rtol=0)
    moved = anchors + torch.tensor([0.0, 0.0, 0.0, 5.0])
    torch.testing.assert_close(triplet(anchors, moved, margin=1.0), torch.tensor(6.0 - distance), atol=1e-4, rtol=0)


def test_the_negative_is_another_sequence_and_counts_for_itself() -> None:
    anchors = torch.tensor([[0.0], [10.0], [20.0]])
    positives = anchors + torch.tensor([[1.0], [12.0], [3.0]])
    torch.testing.assert_close(triplet(anchors, positives, margin=1.0), torch.tensor(3.0 / 3), atol=1e-4, rtol=0)


def test_a_frame_is_loud_when_it_is_above_the_average() -> None:
    x = torch.tensor([[[1.0, -0.5], [-1.0, 0.5]]])
    assert is_loud(x).tolist() == [[1.0, 0.0]]
    assert is_loud(x + 1).tolist() == [[1.0, 1.0]]


def test_a_volume_that_is_not_read_costs_log_2(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    objective = S3VAEObjective(WEIGHTS, dynamic_size=4)
    for parameter in objective.volume[-1].parameters():
        torch.nn.init.zeros_(parameter)
    volume = objective(make_model(), batch)["volume"]
    torch.testing.assert_close(volume, torch.tensor(math.log(2.0)))


def test_the_volume_can_be_read_from_a_z_that_has_it() -> None:
    torch.manual_seed(0)
    network = S3VAEObjective(WEIGHTS, dynamic_size=4).volume
    z = torch.randn(16, 20, 4)
    loud = (z[..., :1] > 0).float()
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    for _ in range(60):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(z), loud)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.1


def test_each_term_is_that_of_the_codes(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model, normal = make_model(), batch.keyed.normal
    terms = S3VAEObjective(WEIGHTS, dynamic_size=4, margin=2.0)(model, batch)
    posterior, shuffled = model.encode(batch.x), model.encode(reorder(batch.x, batch.order))
    s, z = posterior.static.sample(normal("static", (5, 6))), posterior.dynamic.sample(normal("dynamic", (5, 8, 4)))
    positive = shuffled.static.sample(normal("static_positive", (5, 6)))
    torch.testing.assert_close(terms["triplet"], triplet(s, positive, 2.0))
    expected = cross_information(posterior.static, s, posterior.dynamic, z)
    torch.testing.assert_close(terms["mi_cross"], expected, atol=1e-3, rtol=1e-3)
    assert not torch.equal(normal("static", (5, 6)), normal("static_positive", (5, 6)))


@pytest.mark.parametrize("name", list(SIGNS))
def test_a_view_of_frames_apart_is_the_same_as_an_order_of_the_same_frames(
    make_model: Callable[..., SequenceVAE], batch: Batch, name: str
) -> None:
    model, objective = make_model(), S3VAEObjective(WEIGHTS, dynamic_size=4)
    apart = replace(batch, order=None, x_static=reorder(batch.x, batch.order))
    torch.testing.assert_close(objective(model, apart)[name], objective(model, batch)[name], atol=1e-5, rtol=1e-5)
