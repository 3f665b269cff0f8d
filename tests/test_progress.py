"""Progress in a log file: whole lines, seldom."""

import sys
import time

import pytest

from vcdisent import progress as module
from vcdisent.progress import progress


def test_a_log_has_whole_lines_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SECONDS_IN_A_LOG", 0.05)
    for _ in progress(range(40), unit="file", desc="talks"):
        time.sleep(0.005)
    told = capsys.readouterr().err
    lines = told.splitlines()
    assert "\r" not in told and told.endswith("\n") and 2 <= len(lines) < 8
    assert all(line.startswith("talks: ") for line in lines) and "40/40" in lines[-1]


def test_a_log_is_told_nothing_of_what_soon_is_done(capsys: pytest.CaptureFixture[str]):
    assert list(progress(range(3))) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_a_terminal_has_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    list(progress(range(3)))
    assert "\r" in capsys.readouterr().err
