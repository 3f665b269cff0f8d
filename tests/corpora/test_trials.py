import numpy as np
import pytest

from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.trials import all_pairs, read_trials, write_trials
from vcdisent.errors import InputError


def utterances(num_speakers, per_speaker):
    names = [f"S{k:02d}" for k in range(num_speakers)]
    return [Utterance(f"{name}-{n}", name, "x.wav") for name in names for n in range(per_speaker)]


def test_pairs_every_two_once():
    assert list(all_pairs(utterances(2, 2))) == [
        ("S00-0", "S00-1", True),
        ("S00-0", "S01-0", False),
        ("S00-0", "S01-1", False),
        ("S00-1", "S01-0", False),
        ("S00-1", "S01-1", False),
        ("S01-0", "S01-1", True),
    ]


def test_timits_core_test_has_18336(tmp_path):
    assert write_trials(tmp_path / "trials", utterances(24, 8)) == 18_336
    pairs, is_target = read_trials(tmp_path / "trials")
    assert len(pairs) == len(set(pairs)) == 18_336
    assert is_target.dtype == np.bool_ and is_target.sum() == 672


def test_writes_kaldis_lines(tmp_path):
    write_trials(tmp_path / "trials", utterances(2, 1))
    assert (tmp_path / "trials").read_text() == "S00-0 S01-0 nontarget\n"


@pytest.mark.parametrize("line", ["a b", "a b yes", "a b target x", ""])
def test_names_the_line(tmp_path, line):
    (tmp_path / "trials").write_text(f"a b target\n{line}\na c nontarget\n")
    with pytest.raises(InputError, match="trials line 2: is"):
        read_trials(tmp_path / "trials")


def test_refuses_an_empty_file(tmp_path):
    (tmp_path / "trials").write_text("")
    with pytest.raises(InputError, match="is empty"):
        read_trials(tmp_path / "trials")
