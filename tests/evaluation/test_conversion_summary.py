"""Means over conversions, and how sure of them one may be."""

import numpy as np
import pytest

from vcdisent.evaluation.conversion_summary import summarise


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


def test_phone_errors_are_pooled() -> None:
    rows = [{"name": "x", "group": None, "per": share, "num_phones": count} for share, count in ((1.0, 2), (0.1, 18))]
    summary = summarise(rows)
    assert summary["per"]["mean"] == pytest.approx((2 + 1.8) / 20) and "num_phones" not in summary
