"""Lists of conversions, and how often a list's voices are measured."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.convert import convert_list
from vcdisent.commands.cost import Cost, load_cost
from vcdisent.errors import InputError


class CountsVoices:
    """Says what the source says, and notes whose voices it was asked for."""

    name, sample_rate = "", 16_000
    heard = 30.0

    def __init__(self) -> None:
        self.asked: list[Sequence[Path]] = []

    def voice(self, recordings: Sequence[Path], pitch: Any = "auto") -> Any:
        self.asked.append(recordings)
        return SimpleNamespace(pitch=None)

    def heard_s(self, voice: Any) -> float:
        return self.heard

    def convert_blocks(self, source: Path, target: Any) -> Iterator[np.ndarray]:
        yield audio.read(source)[0]


def test_a_line_has_a_source_targets_and_a_name(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("a.wav b.wav a-as-b\n\n'a b.wav' \"c d.wav\" e.wav f/g\n")
    first, second = read_list(tmp_path / "list")
    assert first == Line(Path("a.wav"), (Path("b.wav"),), "a-as-b")
    assert second == Line(Path("a b.wav"), (Path("c d.wav"), Path("e.wav")), "f/g")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_blank_lines_and_the_mark_of_an_editor_are_passed_over(tmp_path: Path, mark: str) -> None:
    text = f"{mark}# who's who\n\n  # more\r\n \t\na.wav b.wav c\n'#d.wav' b.wav e#\n"
    (tmp_path / "list").write_bytes(text.encode())
    first, second = read_list(tmp_path / "list")
    assert (first.source, first.where) == (Path("a.wav"), f"{tmp_path}/list line 5")
    assert (second.source, second.name) == (Path("#d.wav"), "e#")
    (tmp_path / "list").write_bytes(f"{mark}a.wav b.wav c".encode())
    assert read_list(tmp_path / "list") == [Line(Path("a.wav"), (Path("b.wav"),), "c")]


def test_a_word_that_is_just_a_number_sign_ends_a_line(tmp_path: Path) -> None:
    text = "a.wav b.wav c # it's Anna's\na.wav 'b # 2.wav' d # she said \"no\n#1.wav b#2.wav e# \t#\n"
    (tmp_path / "list").write_text(text)
    first, second, third = read_list(tmp_path / "list")
    assert (first.targets, first.name) == ((Path("b.wav"),), "c")
    assert (second.targets, second.name) == ((Path("b # 2.wav"),), "d")
    assert third == Line(Path("#1.wav"), (Path("b#2.wav"),), "e#")


def test_all_lines_that_are_no_conversions_are_told_at_once(tmp_path: Path) -> None:
    lines = ["a.wav b.wav c", "a.wav", "a.wav b.wav ./c", "a.wav b.wav d.FLAC", "'a.wav", "../a b ../c", "x", "y"]
    (tmp_path / "list").write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_list(tmp_path / "list")
    told = str(caught.value)
    assert told.startswith(f"{tmp_path}/list has 7 lines that are no conversions: line 2: has fewer than 3 words; ")
    assert "line 3: the name ./c is taken" in told and "line 4: d.FLAC is a recording, not the name to give" in told
    assert "; and 2 more; a line is: source target" in told and "line 7" not in told and "\n" not in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"# nothing\n\n", "holds no conversions, or none but in comments; a line is"),
        (b"a.wav b.wav more/c.wav\n", r"line 1: more/c.wav is a recording, not the name to give, such as more/c,"),
        (b"a b c\n'd e f\n", r"list line 2: .*No closing quotation"),
        ("a b c\n".encode("utf-16"), "list: is no text in UTF-8"),
    ],
)
def test_what_is_no_list_is_told_in_a_line(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_list(tmp_path / "list")
    assert "\n" not in str(caught.value)


def test_what_is_left_out_of_a_list_is_found_by_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(1600)).astype(np.float32)
    audio.write(tmp_path / "a.wav", noise, 16_000)
    (tmp_path / "list").write_text(f"# comment\n{tmp_path}/a.wav v.safetensors a\n{tmp_path}/b.wav v.safetensors b\n")
    assert convert_list(tmp_path / "list", f"{tmp_path}/out", CountsVoices()) == 1
    told = capsys.readouterr().err.splitlines()
    assert "left out (1):" in told and told[-1].startswith(f"  {tmp_path}/list line 3: {tmp_path}/b.wav: cannot be")


def test_only_a_voice_heard_in_the_source_alone_is_its_own() -> None:
    a, b = Path("a"), Path("b")
    assert Line(a, (a,), "x").is_to_itself
    assert not Line(a, (b,), "x").is_to_itself and not Line(a, (a, b), "x").is_to_itself


def test_each_voice_of_a_list_is_measured_once(tmp_path: Path) -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(1600)).astype(np.float32)
    audio.write(tmp_path / "a.wav", noise, 16_000)
    voices = [f"v{n}.safetensors" for n in range(5)]
    lines = [f"{tmp_path}/a.wav {voice} more.safetensors {n}-{voice[:2]}\n" for n in range(3) for voice in voices]
    (tmp_path / "list").write_text("".join(lines))
    converter = CountsVoices()
    assert convert_list(tmp_path / "list", f"{tmp_path}/out", converter) == 0
    assert converter.asked == [(Path(voice), Path("more.safetensors")) for voice in voices]
    assert len(list((tmp_path / "out").glob("*.wav"))) == 15


def test_what_a_list_cost_is_kept_beside_its_conversions(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", np.full(1600, 0.1, np.float32), 16_000)
    (tmp_path / "list").write_text(
        f"{tmp_path}/a.wav v.safetensors a\n{tmp_path}/a.wav v.safetensors b\n{tmp_path}/nosuch.wav v.safetensors c\n"
    )
    assert convert_list(tmp_path / "list", f"{tmp_path}/out", CountsVoices()) == 1
    cost = load_cost(tmp_path / "out")
    assert cost and cost.speech_s == pytest.approx(0.2) and cost.spent_s > 0 and cost.num_threads >= 1
    assert 20 < cost.peak_memory_mb < 1e5


def test_a_cost_is_told_as_a_real_time_factor(tmp_path: Path) -> None:
    assert str(Cost(200.0, 13.0, 1234.5, 2)) == "real-time factor of 0.065 with 2 threads, 1,234 MB of memory at most"
    assert load_cost(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "3", "{}", '{"speech_s": "a", "spent_s": 1, "peak_memory_mb": 1, "num_threads": 1}']
)
def test_a_damaged_cost_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "cost.json").write_text(text)
    with pytest.raises(InputError, match=r"cost.json: does not say what conversions cost"):
        load_cost(tmp_path)


@pytest.mark.parametrize("name", ["../b", "a/../../b", "/b", "{folder}/b.wav"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    """A line whose name was forgotten ends in a target."""
    (tmp_path / "b.wav").touch()
    (tmp_path / "list").write_text(f"a.wav c.wav name\na.wav b.wav {name.format(folder=tmp_path)}\n")
    with pytest.raises(InputError, match=r"list line 2: .* is a path, not the name to give"):
        read_list(tmp_path / "list")


@pytest.mark.parametrize("line", ["{0}/a.wav {0}/b.wav b", "{0}/a.wav {0}/c.wav {0}/b.wav b", "{0}/a.wav {0}/b.wav a"])
def test_a_list_writes_over_nothing_that_it_names(tmp_path: Path, line: str) -> None:
    (tmp_path / "list").write_text(line.format(tmp_path) + "\n")
    with pytest.raises(InputError, match=r"\.wav: is one of the recordings to convert; give another -o"):
        convert_list(tmp_path / "list", str(tmp_path), CountsVoices())


def test_what_is_little_of_a_list_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    for name in "abvw":
        audio.write(tmp_path / f"{name}.wav", noise, 16_000)
    lines = [f"{tmp_path}/{a}.wav {tmp_path}/{v}.wav {a}{v}" for a in "ab" for v in "vw"]
    (tmp_path / "list").write_text("\n".join(lines))
    converter = CountsVoices()
    converter.heard = 3.0
    assert convert_list(tmp_path / "list", f"{tmp_path}/out", converter) == 0
    short, unpitched, source = capsys.readouterr().err.splitlines()
    assert short.startswith(f"{tmp_path}/v.wav (the first of 2 voices): less than 7 s of speech is heard")
    assert unpitched == f"{tmp_path}/v.wav (the first of 2 voices): no pitch is heard: is it speech?"
    assert source.startswith(f"{tmp_path}/a.wav (the first of 2 sources): lasts less than 2 s")


def test_conversions_of_a_list_need_a_folder(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("a.wav b.wav c\n")
    with pytest.raises(InputError, match=r"x\.wav: is a file or is named like one; several conversions need a folder"):
        convert_list(tmp_path / "list", f"{tmp_path}/x.wav", CountsVoices())
