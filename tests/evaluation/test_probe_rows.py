"""Which inputs are asked for phones and for speakers, and what they answer."""

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.evaluation.probe_rows import Coded, first_half, mean_and_covariance, per_frame, phone_rows, speaker_rows
from vcdisent.evaluation.probes import Training

QUICK = Training(num_steps=200, check_every=50, batch_size=64, learning_rate=1e-2)
NUM_FRAMES = 30


def coded(speakers, seed):
    """`dynamic` knows the phone, `static` the speaker, `noise` nothing; every tenth frame is silence."""
    generator = torch.Generator().manual_seed(seed)
    inputs = {"static": [], "dynamic": [], "noise": []}
    phones = []
    for speaker in speakers:
        phone = torch.randint(4, (NUM_FRAMES,), generator=generator)
        for name, known in (("static", torch.full((NUM_FRAMES,), ord(speaker))), ("dynamic", phone)):
            values = 0.1 * torch.randn(NUM_FRAMES, 3, generator=generator)
            values[:, 0] += known % 4
            values[:, 1] += (known % 4 - 2) ** 2
            inputs[name].append(values)
        inputs["noise"].append(torch.randn(NUM_FRAMES, 3, generator=generator))
        phone[::10] = -1
        phones.append(phone)
    return Coded(list(speakers), inputs, phones)


def by_name(rows):
    return {row["name"]: row for row in rows}


def test_phones_are_found_in_what_knows_them():
    rows = by_name(phone_rows(coded("abcdef" * 3, 0), coded("xyz" * 3, 1), 4, 10, QUICK))
    assert list(rows) == ["static", "dynamic", "dynamic_context", "noise", "chance"], "what is not there is left out"
    assert rows["dynamic"]["linear"]["accuracy"] > 95 and rows["dynamic"]["non_linear"]["accuracy"] > 95
    for name in ("static", "noise"):
        assert rows[name]["non_linear"]["accuracy"] < 45
    assert rows["chance"].keys() == {"name", "linear"} and rows["chance"]["linear"].keys() == {"accuracy"}
    assert 15 < rows["chance"]["linear"]["accuracy"] < 35
    assert (
        rows["dynamic"]["linear"]["low"] <= rows["dynamic"]["linear"]["accuracy"] <= rows["dynamic"]["linear"]["high"]
    )


def test_speakers_are_found_in_other_recordings_of_theirs():
    rows = by_name(speaker_rows(coded("xyz" * 10, 2), QUICK))
    assert list(rows) == ["static", "dynamic", "noise", "static_recording", "dynamic_recording", "chance"]
    assert rows["static"]["linear"]["accuracy"] > 95 and rows["static_recording"]["linear"]["accuracy"] == 100
    assert rows["dynamic"]["non_linear"]["accuracy"] < 50
    assert 25 < rows["chance"]["linear"]["accuracy"] < 42


def test_a_z_of_one_dimension_has_a_mean_and_a_variance():
    rows = torch.tensor([[1.0], [3.0], [5.0]])
    torch.testing.assert_close(mean_and_covariance(rows), torch.tensor([3.0, 8 / 3]))
    assert mean_and_covariance(torch.randn(4, 3)).shape == (3 + 6,)


def test_a_speaker_of_one_recording_cannot_be_looked_for():
    assert speaker_rows(coded("xyz", 2), QUICK) == []


def test_few_recordings_will_do():
    rows = by_name(phone_rows(coded("ab", 0), coded("x", 1), 4, 10, QUICK))
    assert rows["dynamic"]["linear"]["accuracy"] > 70
    with pytest.raises(InputError, match="two training recordings or more"):
        phone_rows(coded("a", 0), coded("x", 1), 4, 10, QUICK)


def test_context_is_as_wide_as_it_is_asked_for():
    speakers, seen = coded("abcdef", 0), []
    for rows in speakers.inputs["dynamic"]:  # a frame's phone is told by the one 3 frames later
        rows[:] = rows.roll(3, 0)
    for context in (1, 3):
        rows = by_name(phone_rows(speakers, speakers, 4, context, QUICK))
        seen.append(rows["dynamic_context"]["linear"]["accuracy"])
    assert seen[0] < 50 and seen[1] > 65


def test_halves_are_of_every_speaker():
    assert first_half("abaabb").tolist() == [True, True, False, True, False, True]


def test_frames_know_whose_they_are():
    assert per_frame(coded("ba", 0)).tolist() == [1] * NUM_FRAMES + [0] * NUM_FRAMES
