"""Probes find what is in a code, and nothing that is not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from vcdisent.evaluation.labelled import Labelled
from vcdisent.evaluation.probes import Training, accuracy, majority, probe

QUICK = Training(num_steps=300, check_every=50, batch_size=64, learning_rate=1e-2)


def made(values, labels, num_recordings=10):
    lengths = torch.full((num_recordings,), len(values) // num_recordings)
    return Labelled(values, lengths, labels)


def gaussians(num_frames, seed):
    """Three classes, each around a mean of its own; the last dimension is enormous and says nothing."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (num_frames,), generator=generator)
    values = torch.randn(num_frames, 4, generator=generator)
    values[:, 0] += 6 * labels
    values[:, 3] = 1e4 * values[:, 3] + 1e5
    return made(values, labels)


def xor(num_frames, seed):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(num_frames, 2, generator=generator)
    return made(values, (values[:, 0] * values[:, 1] > 0).long())


def test_what_lies_open_is_found_by_both():
    train, test = gaussians(1000, 0), gaussians(500, 1)
    for num_hidden in (0, 32):
        assert probe(train, test, 3, num_hidden, how=QUICK).mean() > 0.97


def test_only_a_hidden_layer_finds_what_no_line_divides():
    train, test = xor(2000, 0), xor(500, 1)
    assert probe(train, test, 2, 32, how=QUICK).mean() > 0.9
    assert probe(train, test, 2, 0, how=QUICK).mean() < 0.65


def test_noise_says_nothing():
    noise = torch.randn(1000, 4, generator=torch.Generator().manual_seed(2))
    labels = torch.arange(1000) % 5
    correct = probe(made(noise, labels), made(noise.flip(0), labels), 5, 32, how=QUICK)
    assert correct.mean() < 0.32


def test_neighbours_are_read_where_they_are_asked_for():
    generator = torch.Generator().manual_seed(3)
    labels = torch.randint(2, (2000,), generator=generator)
    before = made(labels.roll(2).float().unsqueeze(1), labels)  # the answer comes two frames later
    assert probe(before, before, 2, 0, context=0, how=QUICK).mean() < 0.65
    assert probe(before, before, 2, 0, context=2, how=QUICK).mean() > 0.97


def test_weights_decay_as_held_out_recordings_like_best():
    generator = torch.Generator().manual_seed(4)
    labels = torch.randint(2, (1500,), generator=generator)
    values = torch.randn(1500, 400, generator=generator) + 0.15 * labels.unsqueeze(1)  # each value says a little
    train = Labelled(values[:500], torch.full((5,), 100), labels[:500])
    test = Labelled(values[500:], torch.full((10,), 100), labels[500:])
    shares = [probe(train, test, 2, 0, how=replace(QUICK, weight_decays=decays)).mean() for decays in ((0.0,), (5.0,))]
    chosen = probe(train, test, 2, 0, how=replace(QUICK, weight_decays=(0.0, 5.0))).mean()
    assert shares[0] + 0.02 < shares[1] == chosen


def test_frames_without_a_label_are_neither_learnt_nor_asked():
    train, test = gaussians(1000, 0), gaussians(500, 1)
    test.labels[::2] = -1
    assert len(probe(train, test, 3, 0, how=QUICK)) == 250


def test_the_same_seed_gives_the_same_answers():
    train, test = xor(500, 0), xor(200, 1)
    first, again = (probe(train, test, 2, 8, how=QUICK) for _ in range(2))
    other = probe(train, test, 2, 8, how=Training(num_steps=300, check_every=50, seed=1))
    assert (first == again).all() and (first != other).any()


def test_majority_answers_with_the_commonest_class():
    train = made(torch.zeros(10, 1), torch.tensor([2, 2, 2, 2, 0, 0, 1, -1, -1, -1]))
    test = made(torch.zeros(10, 1), torch.tensor([2, 0, 1, -1, 2, 0, 0, 0, 0, 0]))
    assert majority(train, test).tolist() == [True, False, False, True, *[False] * 5]


def test_accuracy_has_an_interval_over_speakers():
    correct = np.array([True] * 30 + [False] * 10 + [True] * 10 + [False] * 30)
    figures = accuracy(correct, ["a"] * 40 + ["b"] * 40)
    assert figures["accuracy"] == pytest.approx(50)
    assert (figures["low"], figures["high"]) == pytest.approx((25, 75)), "either speaker may be drawn twice"
    alike = accuracy(np.tile([True, False], 40), ["a"] * 40 + ["b"] * 40)
    assert alike == pytest.approx({"accuracy": 50, "low": 50, "high": 50})
