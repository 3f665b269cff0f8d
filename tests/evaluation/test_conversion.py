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


def row(mos: float, wer: float | None = 0.0, num_words: int = 1, group: str | None = None) -> dict:
    return {"name": "x", "group": group, "mos": mos, "wer": wer, "num_words": num_words}


def test_summary_is_the_mean_within_its_interval() -> None:
    scores = np.random.default_rng(0).normal(3, 0.5, 200)
    summary = summarise([row(score) for score in scores])["mos"]
    assert summary["mean"] == pytest.approx(scores.mean())
    assert summary["num_rows"] == 200
    half = 1.96 * scores.std() / np.sqrt(200)
    assert summary["high"] - summary["mean"] == pytest.approx(half, rel=0.2)
    assert summary["mean"] - summary["low"] == pytest.approx(half, rel=0.2)


def test_word_errors_are_pooled() -> None:
    summary = summarise([row(1, wer=1.0, num_words=2), row(1, wer=0.1, num_words=18), row(1, wer=None, num_words=0)])
    assert summary["wer"]["mean"] == pytest.approx((2 + 1.8) / 20)
    assert summary["wer"]["num_rows"] == 2
    assert "num_words" not in summary


def test_a_column_without_values_is_left_out() -> None:
    assert "wer" not in summarise([row(1, wer=None, num_words=0)])


def test_rows_of_a_group_are_drawn_together() -> None:
    scores = np.random.default_rng(0).normal(0, 1, 10)
    apart = summarise([row(score) for score in scores.repeat(20)])["mos"]
    grouped = [row(score, group=f"pair {index}") for index, score in enumerate(scores) for _ in range(20)]
    together = summarise(grouped)["mos"]
    assert together["high"] - together["low"] > 3 * (apart["high"] - apart["low"])


def test_the_same_interval_twice() -> None:
    rows = [row(score) for score in range(9)]
    assert summarise(rows) == summarise(rows)
    assert summarise(rows, seed=1) != summarise(rows)


def test_nothing_to_summarise() -> None:
    with pytest.raises(ValueError, match="no conversions"):
        summarise([])


def test_real_recordings_are_told_from_converted_ones_by_whose_voice_they_have() -> None:
    def rate(real: list, converted: list) -> dict:
        every = [row(1) | {"similarity_real": r, "similarity_imposed": c} for r, c in zip(real, converted, strict=True)]
        return summarise(every)["eer_real"]

    assert rate([0.9, 0.8, 0.7], [0.1, 0.2, 0.3])["mean"] == 0
    scores = list(np.random.default_rng(0).random(400))
    assert rate(scores, scores[::-1])["mean"] == pytest.approx(50, abs=1)
    assert rate([0.9, 0.8, None], [0.1, 0.2, 0.9])["num_rows"] == 2
    mixed = rate([0.9, 0.8, 0.7, 0.4], [0.1, 0.2, 0.5, 0.3])
    assert mixed["low"] <= mixed["mean"] <= mixed["high"] and mixed["mean"] == pytest.approx(25, abs=1)


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
