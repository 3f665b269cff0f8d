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


def readings(*ids):
    return [Utterance(name, name.split("-")[0], "x.wav") for name in ids]


def test_across_chapters_no_target_pair_is_of_one_chapter(tmp_path):
    own = readings("7-10-0", "7-10-1", "7-11-0", "8-10-0")
    assert write_trials(tmp_path / "trials", own, cross_chapter=True) == 5
    pairs, is_target = read_trials(tmp_path / "trials")
    assert [pair for pair, target in zip(pairs, is_target, strict=True) if target] == [
        ("7-10-0", "7-11-0"),
        ("7-10-1", "7-11-0"),
    ]
    assert ("7-10-0", "8-10-0") in pairs, "two speakers may well have read chapters of one number"


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [(("a-0", "a-1", "b-0"), "a-0: names no chapter"), (("7-1-0", "7-1-1", "8-1-0"), "no speaker has read two")],
)
def test_without_chapters_there_are_no_trials_across_them(tmp_path, ids, complaint):
    with pytest.raises(InputError, match=complaint):
        write_trials(tmp_path / "trials", readings(*ids), cross_chapter=True)
    assert not (tmp_path / "trials").exists()
