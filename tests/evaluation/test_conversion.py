"""Scoring conversions, with judges whose answers are known."""

import numpy as np
import pytest

from vcdisent.evaluation.conversion import Conversion, score_conversions
from vcdisent.evaluation.conversion_summary import summarise
from vcdisent.evaluation.judge import Judges, similarity

pytest.importorskip("jiwer", reason="the extra judge is not installed")
WORDS = {1: "the cat sat down", 2: "the hat sat down", 3: "something else", 4: ""}


class Stub:
    """Judges by the loudness of a recording, a hundredth a step: 0.01 is voice, quality and text number 1."""

    def __init__(self) -> None:
        self.num_heard = 0

    def step(self, wav: np.ndarray) -> int:
        self.num_heard += 1
        return round(100 * float(np.abs(wav).max()))

    def embed(self, wav: np.ndarray) -> np.ndarray:
        angle = 0.3 * self.step(wav)
        return np.array([np.cos(angle), np.sin(angle)])

    def score(self, wav: np.ndarray) -> float:
        return float(self.step(wav))

    def transcribe(self, wav: np.ndarray) -> str:
        return WORDS[self.step(wav)]

    def recognise(self, wav: np.ndarray) -> list[str]:
        return WORDS[self.step(wav)].split()


def judges() -> Judges:
    return Judges(Stub(), {"mos": Stub()}, Stub(), Stub())


def read(step: int) -> np.ndarray:
    return np.full(1600, step / 100, np.float32)


def test_a_row_has_every_column() -> None:
    pair = Conversion("name", 2, 1, [3], text="The cat sat.", group="a-b")
    (row,) = score_conversions([pair], judges(), read)
    assert row == {
        "name": "name",
        "group": "a-b",
        "similarity_target": pytest.approx(np.cos(0.3)),
        "similarity_source": pytest.approx(np.cos(0.3)),
        "similarity_real": None,
        "similarity_imposed": None,
        "nearer_to_target": row["similarity_target"] > row["similarity_source"],
        "similarity_source_voice": None,
        "nearer_to_target_voice": None,
        "mos": 2.0,
        "source_mos": 1.0,
        "wer": 0.25,
        "wer_capped": 0.25,
        "cer": pytest.approx(1 / 16),
        "num_words": 4,
        "wer_text": pytest.approx(2 / 3),
        "source_wer_text": pytest.approx(1 / 3),
        "num_words_text": 3,
        "per": 0.25,
        "num_phones": 4,
        "f0_correlation": None,
        "mcd_db": None,
        "f0_rmse_semitones": None,
    }


def test_nearer_to_target_and_several_targets() -> None:
    pairs = [
        Conversion("target", 3, 1, [3]),
        Conversion("source", 1, 1, [3]),
        Conversion("middle", 2, 4, [1, 3]),
    ]
    rows = score_conversions(pairs, judges(), read)
    assert [row["nearer_to_target"] for row in rows] == [True, False, True]
    assert rows[2]["similarity_target"] == pytest.approx(1.0)


def test_both_voices_may_be_heard_in_other_recordings() -> None:
    """What is nearer to the source itself may be nearer to the target than to the source's speaker."""
    pair = Conversion("name", 2, 2, [3], source_voice=[4, 0])
    (row,) = score_conversions([pair], judges(), read)
    voice = (Stub().embed(read(4)) + Stub().embed(read(0))) / 2
    assert row["similarity_source_voice"] == pytest.approx(similarity(Stub().embed(read(2)), voice))
    (other,) = score_conversions([Conversion("name", 2, 2, [3], source_voice=[0])], judges(), read)
    assert other["nearer_to_target"] is False and other["nearer_to_target_voice"] is True


def test_a_recogniser_that_repeats_itself_is_counted_in_one_column_alone() -> None:
    bench = judges()
    bench.words.transcribe = lambda wav: "the cat" if wav.max() < 0.015 else "the cat " * 50
    (row,) = score_conversions([Conversion("name", 2, 1, [3])], bench, read)
    assert row["wer"] == pytest.approx(98 / 2) and row["wer_capped"] == 1


def test_without_words_there_are_no_errors() -> None:
    (row,) = score_conversions([Conversion("name", 1, 4, [3])], judges(), read)
    assert row["wer"] is None
    assert row["cer"] is None
    assert row["wer_text"] is None
    assert row["per"] is row["wer_capped"] is None
    assert row["num_words"] == row["num_words_text"] == row["num_phones"] == 0


def test_a_recording_is_heard_once() -> None:
    bench, num_read = judges(), []
    pairs = [Conversion(str(index), 2, 1, [3]) for index in range(3)]
    rows = score_conversions(pairs, bench, lambda step: num_read.append(step) or read(step))
    assert rows[0]["wer"] == rows[2]["wer"] == 0.25
    assert bench.voice.num_heard == 3
    assert bench.words.num_heard == bench.qualities["mos"].num_heard == 2
    assert sorted(num_read) == [1] * 5 + [2] * 5 + [3]


def test_an_error_of_the_reader_comes_through() -> None:
    def missing(step: int) -> np.ndarray:
        raise FileNotFoundError(str(step))

    with pytest.raises(FileNotFoundError, match="1"):
        score_conversions([Conversion("name", 1, 1, [3])], judges(), missing)


def test_a_recording_of_the_target_passes_for_one_as_often_as_others_do() -> None:
    """Twenty targets, three recordings each of a noisy voice; what is scored is a fourth."""
    voices = np.random.default_rng(0).standard_normal((20, 1, 16)) + 0.8 * np.random.default_rng(1).standard_normal(
        (20, 4, 16)
    )
    heard = Judges(Constant(), {}, Constant(), Constant())
    heard.voice.embed = lambda wav: wav[:16]
    wavs = {(i, j): np.pad(voices[i, j], (0, 784)) for i in range(20) for j in range(4)}
    pairs = [Conversion(f"{i}", (i, 3), ((i + 1) % 20, 0), [(i, 0), (i, 1), (i, 2)]) for i in range(20)]
    summary = summarise(score_conversions(pairs, heard, wavs.__getitem__))
    assert summary["eer_real"]["mean"] == pytest.approx(50, abs=12)
    assert summary["similarity_imposed"]["mean"] == pytest.approx(summary["similarity_real"]["mean"], abs=0.05)


def test_a_parallel_target_is_measured_against() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 8000)).astype(np.float32)
    speech = dict(zip("ab", noise, strict=True))
    heard = Judges(Constant(), {}, Constant(), Constant())
    (same,) = score_conversions([Conversion("x", "b", "a", ["b"], parallel="b")], heard, speech.__getitem__)
    assert same["mcd_db"] == pytest.approx(0, abs=1e-6) and same["f0_rmse_semitones"] is None
    (other,) = score_conversions([Conversion("x", "a", "a", ["b"], parallel="b")], heard, speech.__getitem__)
    assert other["mcd_db"] > 0.1


class Constant:
    """Hears the same in every recording."""

    def embed(self, wav: np.ndarray) -> np.ndarray:
        return np.ones(2)

    def transcribe(self, wav: np.ndarray) -> str:
        return "the same words"

    def recognise(self, wav: np.ndarray) -> list[str]:
        return ["\u0259", "n"]
