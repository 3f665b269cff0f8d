"""Readings of information: the same figures for a model of any method."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.readings import READINGS, information_readings, place_share

POSTERIORS = ["BidirectionalPosterior", "AutoregressivePosterior"]


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_every_reading_is_a_number_below_its_cap(
    make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str
) -> None:
    readings = information_readings(make_model(posterior), batch)
    assert tuple(readings) == READINGS
    for name, reading in readings.items():
        assert type(reading) is float
        assert reading <= math.log(9 if "contrastive" in name else 5) + 1e-4, name


def test_they_are_the_same_each_time_and_leave_no_gradient(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    assert information_readings(model, batch) == information_readings(model, batch)
    assert all(weight.grad is None for weight in model.parameters())


def test_a_view_given_by_frames_reads_as_one_given_by_its_order(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    by_frames = replace(batch, order=None, x_static=reorder(batch.x, batch.order))
    assert information_readings(model, by_frames) == pytest.approx(information_readings(model, batch), abs=1e-5)


def test_views_that_are_the_sequences_read_most(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model = make_model()
    order = torch.arange(8).expand(5, 8)
    same = information_readings(model, replace(batch, order=order, x_dynamic=batch.x))
    other = information_readings(model, replace(batch, order=None, x_static=batch.x.roll(1, 0), x_dynamic=-batch.x))
    assert same["mi_static_contrastive"] > other["mi_static_contrastive"]
    assert same["mi_dynamic_contrastive"] > other["mi_dynamic_contrastive"]
    assert same["mi_cross_mws"] == other["mi_cross_mws"], "no view is looked at"


def test_the_share_of_place_is_told() -> None:
    generator = torch.Generator().manual_seed(0)
    places = torch.arange(12.0)[:, None].expand(200, 12, 3)
    words = torch.randn(200, 12, 3, generator=generator)
    assert place_share(places).item() == pytest.approx(1.0)
    assert place_share(words).item() == pytest.approx(1 / 200, abs=0.005)
    half = place_share(places / places.std() + words)
    assert half.item() == pytest.approx(0.5, abs=0.05)
