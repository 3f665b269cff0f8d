"""Frames, their neighbours and the phone that each lies in."""

import pytest
import torch

from vcdisent.evaluation.labelled import Labelled, frame_labels

PHONES = [(0.0, 0.02, "sil"), (0.02, 0.03, "b"), (0.05, 0.01, "aa"), (0.08, 0.02, "b")]


def test_a_frame_has_the_phone_that_its_middle_lies_in():
    labels = frame_labels(PHONES, 12, 0.01, {"aa": 0, "b": 1})
    assert labels.tolist() == [-1, -1, 1, 1, 1, 0, -1, -1, 1, 1, -1, -1], "silence, the gap and the end are no phones"


def test_without_an_alignment_no_frame_has_a_phone():
    assert frame_labels([], 3, 0.01, {"aa": 0}).tolist() == [-1, -1, -1]


def test_the_frames_of_a_slower_rate_are_further_apart():
    assert frame_labels(PHONES, 4, 0.025, {"aa": 0, "b": 1}).tolist() == [-1, 1, 0, -1]


def data(labels=(0, 1, -1, 1, 0)):
    return Labelled(torch.arange(5.0).unsqueeze(1), torch.tensor([2, 3]), torch.tensor(labels))


def test_neighbours_end_with_the_recording():
    stacked = data().stacked(torch.tensor([0, 1, 2, 4]), 1).squeeze(2)
    assert stacked.tolist() == [[0, 0, 1], [0, 1, 1], [2, 2, 3], [3, 4, 4]]


def test_labels_of_some_recordings_alone():
    assert data().index().tolist() == [0, 1, 3, 4]
    first = data().only(torch.tensor([True, False]))
    assert first.labels.tolist() == [0, 1, -1, -1, -1] and first.index().tolist() == [0, 1]


def test_values_labels_and_lengths_must_agree():
    with pytest.raises(ValueError, match="5 frames, 4 labels"):
        data(labels=(0, 1, 1, 0))
