"""What is scored of a list of conversions, with judges whose answers are known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.commands.conversion_list import Line
from vcdisent.commands.cost import Cost, save_cost
from vcdisent.commands.evaluate import evaluate_conversion, pairs_by_kind, read, told_of_lacking
from vcdisent.corpora.datadir import Utterance, write_data_dir
from vcdisent.errors import InputError
from vcdisent.evaluation.judge import Judges

LINES = [
    *(("a1", "a1", "a1-as-itself"), ("a1", "b2", "a1-as-b"), ("a1", "c2", "a1-as-c")),
    *(("b1", "c2", "b1-as-c"), ("b1", "b1", "b1-as-itself"), ("c1", "c1", "c1-as-itself")),
]


class Constant:
    """Hears the same in every recording."""

    def embed(self, wav: np.ndarray) -> np.ndarray:
        return np.ones(2)

    def transcribe(self, wav: np.ndarray) -> str:
        return "the same words"

    def recognise(self, wav: np.ndarray) -> list[str]:
        return ["\u0259", "n"]


def utterances(folder: Path) -> list[Utterance]:
    return [Utterance(f"{s}-{n}", s, str(folder / f"{s}{n}"), text=f"TEXT {s}{n}") for s in "abc" for n in range(1, 4)]


def test_lines_are_split_by_whose_voice_is_wanted_and_sources_come_once() -> None:
    lines = [Line(Path("in", source), (Path("in", target),), name) for source, target, name in LINES]
    pairs = pairs_by_kind(lines, Path("out"), utterances(Path("in")))
    assert {kind: [pair.name for pair in own] for kind, own in pairs.items()} == {
        "converted": ["a1-as-b", "a1-as-c", "b1-as-c"],
        "source = target": ["a1-as-itself", "b1-as-itself", "c1-as-itself"],
        "source": ["a1-as-b", "b1-as-c", "c1-as-itself"],
    }
    assert [pair.converted for pair in pairs["source"]] == [Path("in", name) for name in ("a1", "b1", "c1")]
    assert pairs["converted"][0].converted == Path("out/a1-as-b.wav")
    own = pairs["source = target"][0]
    assert (own.converted, own.source, own.targets) == (Path("out/a1-as-itself.wav"), Path("in/a1"), ["in/a2", "in/a3"])
    assert (own.text, own.group) == ("TEXT a1", "a a")
    assert [pair.group for pair in pairs["source"]] == ["a b", "b c", "c c"]


def test_a_list_of_one_kind_has_no_row_for_the_other() -> None:
    line = Line(Path("b1"), (Path("c2"),), "b1-as-c")
    assert list(pairs_by_kind([line], Path("out"), [])) == ["converted", "source"]


def test_a_voice_is_judged_by_recordings_that_the_conversion_was_not_given() -> None:
    several = Line(Path("in/a1"), (Path("in/b1"), Path("in/b3")), "a1-as-b")
    pair = pairs_by_kind([several], Path("out"), utterances(Path("in")))["converted"][0]
    assert (pair.targets, pair.source_voice, pair.group) == (["in/b2"], ["in/a2", "in/a3"], "a b")
    all_of_it = replace(several, targets=tuple(Path(f"in/b{n}") for n in range(1, 4)))
    pair = pairs_by_kind([all_of_it], Path("out"), utterances(Path("in")))["converted"][0]
    assert pair.targets == ["in/b1", "in/b2", "in/b3"], "there is nothing else"
    one_elsewhere = replace(several, targets=(Path("elsewhere/b"), Path("in/b2")))
    pair = pairs_by_kind([one_elsewhere], Path("out"), utterances(Path("in")))["converted"][0]
    assert (pair.targets, pair.group) == (["in/b1", "in/b3"], "a b")


def test_an_enrolled_voice_is_nothing_to_judge_by(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("a.wav anna.safetensors name\n")
    with pytest.raises(InputError, match=r"anna\.safetensors is no recording"):
        evaluate_conversion(tmp_path / "list", tmp_path, None, tmp_path / "r.json")


@pytest.fixture
def converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `list`, what that names, conversions in `out`, a data dir `data`; judges hear the same in all."""
    pytest.importorskip("jiwer", reason="the extra judge is not installed")
    hears = Judges(Constant(), {}, Constant(), Constant())
    monkeypatch.setattr("vcdisent.commands.evaluate.load_judges", lambda: hears)
    noise = (0.1 * np.random.default_rng(0).standard_normal(1600)).astype(np.float32)
    named = [Utterance(u.id, u.speaker, f"{u.source}.wav", text=u.text) for u in utterances(tmp_path)]
    for path in (*(u.source for u in named), *(tmp_path / f"out/{name}.wav" for *_, name in LINES)):
        audio.write(path, noise, 16_000)
    write_data_dir(tmp_path / "data", named)
    lines = [f"{tmp_path}/{source}.wav {tmp_path}/{target}.wav {name}\n" for source, target, name in LINES]
    (tmp_path / "list").write_text("".join(lines))
    return tmp_path


def test_each_kind_is_summarised(converted: Path) -> None:
    record_file = converted / "r.json"
    assert evaluate_conversion(converted / "list", converted / "out", converted / "data", record_file) == 0
    record = json.loads(record_file.read_text())
    assert {kind: len(rows) for kind, rows in record["rows"].items()} == {
        "converted": 3,
        "source = target": 3,
        "source": 3,
    }
    assert [row["name"] for row in record["rows"]["source = target"]] == [f"{s}1-as-itself" for s in "abc"]
    assert all(
        summary["wer"] == {"mean": 0, "low": 0, "high": 0, "num_rows": 3} for summary in record["summary"].values()
    )
    assert record["left_out"] == [] and record["cost"] is None


def test_what_conversions_cost_stands_beside_what_judges_say(
    converted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_cost(converted / "out", Cost(100.0, 7.0, 800.0, 2))
    evaluate_conversion(converted / "list", converted / "out", None, converted / "r.json")
    assert json.loads((converted / "r.json").read_text())["cost"]["spent_s"] == 7.0
    assert "made at a real-time factor of 0.07 with 2 threads, 800 MB" in capsys.readouterr().out


def test_the_table_fits_the_terminal(
    converted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = {}
    for width in (60, None):
        monkeypatch.setattr("vcdisent.commands.evaluate.terminal_width", lambda width=width: width)
        assert evaluate_conversion(converted / "list", converted / "out", None, converted / "r.json") == 0
        printed[width] = max(map(len, capsys.readouterr().out.splitlines()))
    assert printed[60] == 60 and printed[None] > 200


def test_what_was_not_converted_is_left_out_and_listed(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, record_file = converted / "out", converted / "r.json"
    for name in ("a1-as-b", "c1-as-itself"):
        (out / f"{name}.wav").unlink()
    (converted / "c1.wav").unlink()  # as a source that cannot be used, which is why there is no conversion of it
    assert evaluate_conversion(converted / "list", out, None, record_file) == 2
    record = json.loads(record_file.read_text())
    assert record["left_out"] == ["a1-as-b", "c1-as-itself"]
    assert {kind: [row["name"] for row in rows] for kind, rows in record["rows"].items()} == {
        "converted": ["a1-as-c", "b1-as-c"],
        "source = target": ["a1-as-itself", "b1-as-itself"],
        "source": ["a1-as-c", "b1-as-c"],
    }
    header, *told = capsys.readouterr().err.splitlines()[-3:]
    assert header == "left out (2):"
    for line, (number, name) in zip(told, ((2, "a1-as-b"), (6, "c1-as-itself")), strict=True):
        assert line.startswith(f"  {converted}/list line {number}: {out}/{name}.wav: cannot be opened")
    with pytest.raises(InputError, match=r"none: has none of .*list; run vcdisent convert --list"):
        evaluate_conversion(converted / "list", converted / "none", None, record_file)


def test_what_cannot_be_read_is_left_out_and_listed(converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (converted / "out/a1-as-b.wav").write_bytes(b"no recording")
    (converted / "c1.wav").unlink()  # a source whose conversion is there
    assert evaluate_conversion(converted / "list", converted / "out", None, converted / "r.json") == 2
    assert json.loads((converted / "r.json").read_text())["left_out"] == ["a1-as-b", "c1-as-itself"]
    assert f"line 6: {converted}/c1.wav: cannot be opened" in capsys.readouterr().err
    for path in (converted / "out").iterdir():
        path.write_bytes(b"no recording")
    with pytest.raises(
        InputError,
        match=r"not one of its conversions can be judged; the first: .*a1-as-itself\.wav: is no",
    ):
        evaluate_conversion(converted / "list", converted / "out", None, converted / "r.json")


def test_a_data_dir_that_lacks_recordings_of_the_list_is_told_of(
    converted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [Utterance(u.id, u.speaker, f"{u.source}.wav", text=u.text) for u in utterances(converted)]
    write_data_dir(converted / "part", [u for u in named if u.id not in ("a-1", "c-1", "c-3")])
    for data, expected in (
        ("data", ""),
        (
            "part",
            f"{converted}/part: lacks 2 of 3 sources ({converted}/a1.wav), which are scored without their text, and "
            f"other recordings of 3 of 5 voices ({converted}/a1.wav), which are judged by what their conversions were "
            "given, and so seem nearer; recordings are known by their paths in wav.scp\n",
        ),
    ):
        assert evaluate_conversion(converted / "list", converted / "out", converted / data, converted / "r.json") == 0
        assert "".join(line for line in capsys.readouterr().err.splitlines(True) if "lacks" in line) == expected


def test_a_voice_heard_only_in_what_was_given_is_told_of_as_it_is_judged() -> None:
    known, given = utterances(Path("in")), (Path("elsewhere/b"), Path("in/b2"))
    assert told_of_lacking([Line(Path("in/a1"), given, "x")], known) == "", "its speaker has others"
    of_all = Line(Path("in/a1"), tuple(Path(f"in/b{n}") for n in range(1, 4)), "y")
    assert told_of_lacking([of_all], known).startswith("other recordings of 1 of 1 voices (in/b1)")
    assert told_of_lacking([Line(Path("a1"), given, "z")], known).startswith("1 of 1 sources (a1)")


def test_recordings_are_read_at_the_judges_rate_and_a_bad_one_is_named(tmp_path: Path) -> None:
    buzz = 0.1 * np.sign(np.sin(np.arange(4800) / 40)).astype(np.float32)
    audio.write(tmp_path / "a.wav", buzz, 48_000)
    assert len(read(tmp_path / "a.wav")) == 1600
    with pytest.raises(InputError, match=r"absent\.wav"):
        read(tmp_path / "absent.wav")


def test_the_target_saying_the_same_is_found_by_its_words_or_by_its_name() -> None:
    named = [Utterance(f"{s}-{n}", s, f"in/{s}{n}") for s in "abc" for n in range(1, 3)]
    line = Line(Path("in/a1"), (Path("in/b2"),), "a1-as-b")

    def found(utterances: list[Utterance], parallel: bool) -> list[str | None]:
        pairs = pairs_by_kind([line], Path("out"), utterances, parallel)
        return [pair.parallel for kind in pairs.values() for pair in kind]

    assert found(named, parallel=False) == [None, None]
    assert found(named, parallel=True) == ["in/b1", "in/b1"]
    with_words = [replace(u, text="SAME" if u.id in ("a-1", "b-2") else u.id) for u in named]
    assert found(with_words, parallel=False) == ["in/b2", "in/b2"]
    itself = [Line(Path("in/a1"), (Path("in/a1"),), "a1-as-itself")]
    own = pairs_by_kind(itself, Path("out"), named, parallel=True)
    assert all(pair.parallel is None for kind in own.values() for pair in kind)
