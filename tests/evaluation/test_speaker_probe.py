"""A speaker network on codes."""

from dataclasses import replace

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.evaluation.speaker_probe import HOW, SEGMENT_S, make_bank, speaker_network_figures
from vcdisent.evaluation.verification import Trials

FRAME_S = 0.01
QUICK = replace(HOW, max_steps=12, dev_every=12, warmup_steps=2, learning_rate=3e-3)


def sequences(speakers, known, seed):
    """Codes whose first dimensions tell the speaker, if they are to be `known`."""
    generator = torch.Generator().manual_seed(seed)
    voices = {name: 2 * torch.randn(6, generator=generator) for name in sorted(set(speakers))}
    noise = [torch.randn(round(SEGMENT_S / FRAME_S) + 10, 6, generator=generator) for _ in speakers]
    return [rows + known * voices[name] for rows, name in zip(noise, speakers, strict=True)]


def figures(known, folder):
    heard, unheard = [name for name in "abcdefghijklmnop" for _ in range(2)], list("uvwxyz" * 4)
    train = make_bank(sequences(heard, known, 0), heard, [str(n) for n in range(len(heard))])
    test = sequences(unheard, known, 1)
    return speaker_network_figures(train, test, Trials.all_pairs(unheard), unheard, FRAME_S, folder, QUICK)


def test_a_bank_has_its_sequences_and_speakers():
    bank = make_bank([torch.zeros(3, 2), torch.ones(4, 2), torch.ones(1, 2)], ["b", "a", "b"], ["x", "y", "z"])
    assert bank.starts.tolist() == [0, 3, 7] and bank.speakers.tolist() == [1, 0, 1] and bank.num_speakers == 2
    assert torch.equal(bank.utterance(1), torch.ones(4, 2))


def test_unheard_speakers_are_told_apart_by_codes_that_know_them(tmp_path):
    known, noise = figures(1.0, tmp_path / "known"), figures(0.0, tmp_path / "noise")
    assert known["eer"] < 20 and noise["eer"] > 38
    assert known["low"] <= known["eer"] <= known["high"]


def test_one_speaker_is_not_enough(tmp_path):
    rows = sequences(["a", "a"], 1.0, 0)
    bank = make_bank(rows, ["a", "a"], ["x", "y"])
    with pytest.raises(InputError, match="two training speakers"):
        speaker_network_figures(bank, rows, Trials.all_pairs(["a", "b"]), ["a", "b"], FRAME_S, tmp_path, QUICK)
