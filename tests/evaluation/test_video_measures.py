"""Measures of video, of models and a judge whose answers are known."""

from types import SimpleNamespace

import pytest
import torch

from vcdisent.batches import FrameBank, Normaliser
from vcdisent.evaluation.video_measures import Labels, VideoMeasures, num_looks, partners
from vcdisent.model.gaussian import Gaussian

NUM, LENGTH, CLASSES = 90, 4, 3
STEP = 100
"""Between the values of two classes: the left pixel of a frame shows what stays, the right one what changes."""


class Judge:
    """Tells the nearest class, without a doubt."""

    def __init__(self):
        self.classes = {"looks": list("abc"), "moves": list("xyz")}

    def __call__(self, x):
        nearest = (255 / STEP * x[:, 0, 0, 0]).round().long().clamp(0, CLASSES - 1)
        return {name: torch.eye(CLASSES)[nearest[:, i]].log() for i, name in enumerate(self.classes)}


class Prior:
    """Draws a z that stays the same."""

    def __init__(self, size):
        self.size = size

    def sample(self, num, length, normal):
        return normal("prior", (num, 1, self.size)).abs().expand(-1, length, -1)


class Apart:
    """A model whose codes are the two pixels."""

    prior = Prior(1)

    def encode(self, x):
        return SimpleNamespace(static=gaussian(x[:, 0, 0, 0, :1]), dynamic=gaussian(x[:, :, 0, 0, 1:]))

    def decode(self, static, dynamic):
        return torch.cat([static.unsqueeze(1).expand(-1, dynamic.shape[1], -1), dynamic], -1)[:, :, None, None]


class Mixed(Apart):
    """A model whose z knows what stays, and whose s is not asked."""

    prior = Prior(2)

    def encode(self, x):
        return SimpleNamespace(static=gaussian(x[:, 0, 0, 0, :1]), dynamic=gaussian(x[:, :, 0, 0]))

    def decode(self, static, dynamic):
        return dynamic[:, :, None, None]


def gaussian(mean):
    return Gaussian(mean, torch.zeros_like(mean))


@pytest.fixture
def sequences():
    """A bank in which every pair of classes comes equally often, and its labels."""
    looks, moves = torch.arange(NUM) % CLASSES, torch.arange(NUM) // CLASSES % CLASSES
    frames = STEP * torch.stack([looks, moves], 1).repeat_interleave(LENGTH, 0)[:, None, None].to(torch.uint8)
    starts = torch.arange(0, NUM * LENGTH, LENGTH)
    bank = FrameBank(frames, starts, torch.full((NUM,), LENGTH), looks, [str(n) for n in range(NUM)])
    return bank, Labels({"looks": looks}, {"moves": moves})


def measured(model, sequences, **options):
    normaliser = Normaliser(torch.zeros(1, 1, 1), torch.full((1, 1, 1), 255.0))
    measures = VideoMeasures(model, normaliser, Judge(), LENGTH)
    figures = measures(*sequences, **{"num_draws": 3, **options})
    return {(row["sequences"], row["label"], row["expected"]): row for row in figures["rows"]}, figures


def test_a_model_that_keeps_the_halves_apart(sequences):
    rows, figures = measured(Apart(), sequences)
    stay = [key for key in rows if key[2] != "changed"]
    assert len(stay) == 8 and all(rows[key]["accuracy"]["mean"] == 100 for key in stay)
    assert ("swap", "looks", "other") in rows and ("swap", "moves", "own") in rows
    fixed = rows["fixed_dynamic", "moves", "own"]
    assert fixed["inception_score"] == pytest.approx({"mean": 3, "std": 0}, abs=1e-4)
    for key in (("fixed_dynamic", "looks", "changed"), ("fixed_static", "moves", "changed")):
        assert 15 < rows[key]["accuracy"]["mean"] < 55 and rows[key]["accuracy"]["std"] > 0
    assert figures["reconstruction"] == pytest.approx({"squared_error": 0, "mean_squared_error": 0}, abs=1e-9)
    assert "std" not in rows["real", "looks", "own"]["accuracy"]


def test_a_model_whose_z_knows_what_stays_is_found_out(sequences):
    rows, _ = measured(Mixed(), sequences)
    assert rows["swap", "moves", "own"]["accuracy"]["mean"] == 100
    assert rows["swap", "looks", "other"]["accuracy"]["mean"] < 60
    assert rows["fixed_dynamic", "looks", "changed"]["accuracy"]["mean"] == 100


def test_the_same_seed_gives_the_same_figures(sequences):
    assert measured(Apart(), sequences, seed=5)[1] == measured(Apart(), sequences, seed=5)[1]
    assert measured(Apart(), sequences, seed=5)[1] != measured(Apart(), sequences, seed=6)[1]


def test_errors_are_those_of_values_from_0_to_1(sequences):
    class Off(Apart):
        def decode(self, static, dynamic):
            return super().decode(static, dynamic) + 0.01

    errors = measured(Off(), sequences)[1]["reconstruction"]
    assert errors["mean_squared_error"] == pytest.approx(1e-4, rel=1e-3)
    assert errors["squared_error"] == pytest.approx(1e-4 * LENGTH * 2, rel=1e-3)


@pytest.mark.parametrize("num", [2, 3, 50])
def test_everyone_is_given_the_s_of_another(num):
    others = partners(num, torch.Generator().manual_seed(num))
    assert sorted(others.tolist()) == list(range(num)) and not (others == torch.arange(num)).any()


@pytest.mark.parametrize("num_draws", [1, 3])
def test_whoever_waits_is_told_of_each_look(sequences, num_draws):
    told = []
    measures = VideoMeasures(
        Apart(), Normaliser(torch.zeros(1, 1, 1), torch.ones(1, 1, 1)), Judge(), LENGTH, told.append
    )
    measures(*sequences, num_draws=num_draws)
    assert sum(told) == num_looks(num_draws) * NUM and len(told) > num_draws
