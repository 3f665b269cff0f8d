"""Scores of generated sequences, against values that are known in closed form."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vcdisent.evaluation.generation_scores import accuracy, entropy, entropy_given_x, label_scores, spread


def certain(classes, num_classes):
    """Log-probabilities of a judge that has no doubt."""
    return torch.eye(num_classes)[torch.as_tensor(classes)].log()


def test_a_certain_judge_and_all_classes_alike_often():
    own = torch.arange(9).repeat(4)
    scores = label_scores(certain(own, 9), own)
    assert scores == pytest.approx(
        {"accuracy": 100, "inception_score": 9, "entropy_given_x": 0, "entropy": math.log(9)}, abs=1e-5
    )


def test_a_judge_that_knows_nothing():
    scores = label_scores(torch.full((6, 4), 0.25).log(), torch.zeros(6, dtype=torch.long))
    assert scores["inception_score"] == pytest.approx(1)
    assert scores["entropy"] == pytest.approx(math.log(4)) == scores["entropy_given_x"]


def test_one_class_alone_is_told_but_not_varied():
    scores = label_scores(certain([2, 2, 2], 4), torch.tensor([2, 2, 0]))
    assert scores["inception_score"] == pytest.approx(1) and scores["entropy"] == pytest.approx(0)
    assert scores["accuracy"] == pytest.approx(200 / 3)


def test_the_published_figures_agree_with_each_other():
    assert math.exp(2.197 - 0.014) == pytest.approx(8.871, abs=0.01)


def test_two_sequences_by_hand():
    rows = torch.tensor([[0.9, 0.1], [0.3, 0.7]]).log()

    def h(*shares):
        return -sum(share * math.log(share) for share in shares)

    assert entropy_given_x(rows) == pytest.approx((h(0.9, 0.1) + h(0.3, 0.7)) / 2, abs=1e-6)
    assert entropy(rows) == pytest.approx(h(0.6, 0.4), abs=1e-6)
    assert accuracy(rows, torch.tensor([0, 0])) == 50


@given(st.integers(1, 30), st.integers(2, 8), st.integers(0, 10_000), st.floats(0.1, 8))
def test_laws(num_sequences, num_classes, seed, sharpness):
    generator = torch.Generator().manual_seed(seed)
    rows = (sharpness * torch.randn(num_sequences, num_classes, generator=generator)).log_softmax(1)
    scores = label_scores(rows, rows.argmax(1))
    assert 0 <= scores["entropy_given_x"] <= scores["entropy"] + 1e-6 <= math.log(num_classes) + 2e-6
    assert 1 - 1e-6 <= scores["inception_score"] <= num_classes + 1e-6
    assert scores["accuracy"] == 100


def test_a_spread_is_that_of_draws():
    assert spread([{"a": 1.0}, {"a": 3.0}])["a"] == pytest.approx({"mean": 2, "std": math.sqrt(2)})
    assert spread([{"a": 1.0}]) == {"a": {"mean": 1.0}}
