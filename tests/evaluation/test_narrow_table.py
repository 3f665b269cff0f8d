"""Tables for a narrow terminal have all that they had, and fit."""

import io
import sys

import pytest

from vcdisent.evaluation.narrow_table import narrow_table, terminal_width
from vcdisent.evaluation.report import conversion_table, table

WIDE = [["", "word errors", "similarity to the target"], ["converted", "9.1 (5.0 to 10.0)", "0.712 (0.700 to 0.730)"]]


def words_of(text: str) -> list[str]:
    """The words of each column of a table, from top to bottom."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if not line.startswith("|-")]
    return [" ".join(" ".join(column).split()) for column in zip(*lines, strict=True)]


@pytest.mark.parametrize("width", [36, 40, 50])
def test_a_wide_table_is_put_on_its_side_and_its_cells_are_broken(width: int) -> None:
    text = narrow_table(WIDE, width)
    assert {len(line) for line in text.splitlines()} == {width}
    assert words_of(text) == [" ".join(row).strip() for row in WIDE]


def test_a_long_table_keeps_its_columns() -> None:
    rows = [["sequences of test", "accuracy"], *([f"kind {n} of sequences", f"{n}"] for n in range(3))]
    text = narrow_table(rows, 26)
    assert words_of(text) == [" ".join(column) for column in zip(*rows, strict=True)]
    assert max(map(len, text.splitlines())) == 26


def test_only_a_table_that_is_too_wide_is_made_narrower() -> None:
    whole = table(WIDE[0], WIDE[1:])
    assert table(WIDE[0], WIDE[1:], len(whole.splitlines()[0])) == whole
    assert table(WIDE[0], WIDE[1:], 50) == narrow_table(WIDE, 50)
    figures = {"wer": {"mean": 0.1, "low": 0.0, "high": 0.2}}
    assert max(map(len, conversion_table({"converted": figures, "source": figures}, 60).splitlines())) == 60


def test_no_column_vanishes_on_the_narrowest_terminal() -> None:
    assert all(word in narrow_table(WIDE, 1) for word in ("9.1", "0.712", "errors"))


@pytest.mark.parametrize(("is_terminal", "width"), [(True, 77), (False, None)])
def test_a_file_has_no_width(monkeypatch: pytest.MonkeyPatch, is_terminal: bool, width: int | None) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("COLUMNS", "77")
    assert terminal_width() == width
