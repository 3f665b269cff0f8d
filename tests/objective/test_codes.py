"""Codes of a batch: which frames go through the encoder, together with which."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.codes import code_batch

SIZE = 6


class Images(nn.Module):
    """Codes frames (B, T, 2, 4, 4) with a batch norm; remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.linear, self.seen = nn.BatchNorm2d(2), nn.Linear(32, SIZE), []

    def forward(self, x):
        self.seen.append(x)
        return self.linear(self.norm(x.flatten(0, 1)).flatten(1)).unflatten(0, x.shape[:2])


@pytest.fixture
def model() -> SequenceVAE:
    """A model of small images."""
    from vcdisent.model.posterior import BidirectionalPosterior, StaticPosterior
    from vcdisent.model.prior import LSTMPrior

    torch.manual_seed(0)
    static, dynamic = StaticPosterior(SIZE, 8, 4), BidirectionalPosterior(SIZE, 8, 3, instance_norm=False)
    return SequenceVAE(Images(), nn.Identity(), static, dynamic, LSTMPrior(3, 8), 4, 5)


@pytest.fixture
def images(keyed) -> Batch:
    """Four sequences of five images; the keep-dynamic view is far brighter."""
    x = torch.rand(4, 5, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    order = torch.arange(5).flip(0).expand(4, -1)
    return Batch(x, order, 10 + 3 * x, torch.zeros(4, dtype=torch.int64), keyed)


def test_a_view_has_statistics_of_its_own_and_leaves_none(model, images):
    _, dynamic = code_batch(model, images, static_view=True, dynamic_view=True)
    own, view = dynamic.pair
    torch.testing.assert_close(own, view, atol=1e-4, rtol=0)  # batch norm takes the brightness away, each by itself
    running = model.encoder.norm.running_mean.clone()
    torch.testing.assert_close(running, 0.1 * images.x.mean((0, 1, 3, 4)))
    code_batch(model, images, static_view=False, dynamic_view=False)
    torch.testing.assert_close(model.encoder.norm.running_mean, 0.9 * running + 0.1 * images.x.mean((0, 1, 3, 4)))


def test_shuffled_frames_go_through_the_encoder_once(model, images):
    static, _ = code_batch(model, images, static_view=True, dynamic_view=False)
    assert len(model.encoder.seen) == 1
    codes = model.encoder(images.x)
    torch.testing.assert_close(static.pair[1], model.static_posterior(codes.flip(1)).mean)


def test_frames_apart_have_statistics_of_their_own(model, images):
    images.order, images.x_static = None, 5 * images.x - 1
    static, _ = code_batch(model, images, static_view=True, dynamic_view=False)
    assert model.encoder.seen[0] is images.x and model.encoder.seen[1] is images.x_static
    torch.testing.assert_close(*static.pair, atol=1e-3, rtol=0)


def test_a_part_of_the_view_is_compared_with_the_same_frames(model, images):
    places = set()
    for step in range(8):
        images.keyed = replace(images.keyed, step=step)
        model.encoder.seen.clear()
        _, dynamic = code_batch(model, images, static_view=False, dynamic_view=True, view_share=0.4)
        own, view = dynamic.pair
        (first,) = (n for n in range(4) if torch.equal(model.encoder.seen[1], images.x_dynamic[:, n : n + 2]))
        assert own.shape == view.shape == (4, 2, 3)
        torch.testing.assert_close(own, dynamic.posterior.mean[:, first : first + 2])
        places.add(first)
    assert len(places) > 1, "or a frame's place would tell it"


def test_some_are_decoded_from_their_view_and_the_rest_from_themselves(model, images):
    images.order, images.x_static = None, torch.rand(images.x.shape)
    plain, _ = code_batch(model, images, static_view=True, dynamic_view=False)
    mixed, _ = code_batch(model, images, static_view=True, dynamic_view=False, decoded_views=0.5)
    own, view = plain.pair
    torch.testing.assert_close(mixed.posterior.mean, torch.cat([view[:2], own[2:]]))
    torch.testing.assert_close(mixed.pair, plain.pair)
    assert not torch.allclose(mixed.sample[:2], plain.sample[:2])
    torch.testing.assert_close(mixed.sample[2:], plain.sample[2:])
