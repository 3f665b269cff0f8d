"""A page has all that it plays beside it, and the scores of each conversion."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vcdisent import audio
from vcdisent.commands.cost import Cost, save_cost
from vcdisent.commands.page import make_page
from vcdisent.errors import InputError
from vcdisent.evaluation.listening_page import Sound, page, write_spectrogram

RATE = 16000


def sound(path: Path, seconds: float = 0.5) -> Path:
    wav = 0.1 * np.sin(np.arange(round(seconds * RATE)) * 2 * np.pi * 1000 / RATE)
    audio.write(path, wav.astype(np.float32), RATE)
    return path


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of two conversions, made by one method and judged."""
    a, b = sound(tmp_path / "in" / "a.wav"), sound(tmp_path / "in" / "b <1>.wav")
    (tmp_path / "list").write_text(f"{a} '{b}' a-as-b\n'{b}' {a} b-as-a\n")
    for name in ("a-as-b", "b-as-a"):
        sound(tmp_path / "made" / f"{name}.wav")
    row = {"similarity_target": 0.5, "similarity_source": 0.25, "dnsmos": 3.0, "wer": None}
    rows = {"converted": [{"name": "a-as-b", **row}], "source": [{"name": "a-as-b", **row, "dnsmos": 4.0}]}
    record = {"rows": rows, "summary": {"converted": {"dnsmos": {"mean": 3.0, "low": 2.0, "high": 4.0}}}}
    (tmp_path / "made.json").write_text(json.dumps(record))
    return tmp_path / "list"


def test_everything_that_is_played_is_there(listed: Path, tmp_path: Path) -> None:
    assert make_page(listed, [tmp_path / "made"], tmp_path / "page") == 0
    html = (tmp_path / "page" / "index.html").read_text()
    played = [part.split('"')[0] for part in html.split('src="')[1:]]
    assert len(played) == 2 * 2 * 3
    assert all((tmp_path / "page" / name).is_file() for name in played)
    assert len(list((tmp_path / "page" / "sounds").glob("*.wav"))) == 4  # each once
    assert "similarity to target 0.50<br>to source 0.25<br>DNSMOS 3.00" in html and "DNSMOS 4.00" not in html
    assert "3.00 (2.00 to 4.00)" in html and "<1>" not in html


def test_a_page_says_what_conversions_cost(listed: Path, tmp_path: Path) -> None:
    save_cost(tmp_path / "made", Cost(100.0, 7.0, 800.0, 1))
    make_page(listed, [tmp_path / "made"], tmp_path / "page")
    told = "made at a real-time factor of 0.07 with 1 thread, 800 MB of memory at most"
    assert told in (tmp_path / "page" / "index.html").read_text()


def test_the_first_of_several_targets_is_played_and_no_enrolled_voice(listed: Path, tmp_path: Path) -> None:
    a, c = tmp_path / "in" / "a.wav", sound(tmp_path / "in" / "c.wav", seconds=0.25)
    listed.write_text(f"{a} {c} {a} a-as-b\n{a} anna.safetensors b-as-a\n")
    assert make_page(listed, [tmp_path / "made"], tmp_path / "page") == 0
    html = (tmp_path / "page" / "index.html").read_text()
    assert [row.count("<audio") for row in html.split("<tr>")[2:]] == [3, 2]
    lengths = sorted(audio.duration_s(path) for path in (tmp_path / "page" / "sounds").glob("*.wav"))
    assert lengths == [0.25, 0.5, 0.5, 0.5]


def test_a_bad_recording_is_listed_and_its_cell_empty(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "made" / "b-as-a.wav").write_bytes(b"nothing")
    assert make_page(listed, [tmp_path / "made"], tmp_path / "page") == 1
    html = (tmp_path / "page" / "index.html").read_text()
    rows = html.split("<tr>")[2:]
    assert [row.count("<audio") for row in rows] == [3, 2]
    captured = capsys.readouterr()
    assert "b-as-a.wav" in captured.out + captured.err


def test_what_is_missing_or_strange_is_said(listed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has none of .*list"):
        make_page(listed, [tmp_path / "in"], tmp_path / "page")
    (tmp_path / "made" / "b-as-a.wav").unlink()
    assert make_page(listed, [tmp_path / "made"], tmp_path / "page") == 0, "what there is can be heard"
    assert len(list((tmp_path / "page" / "sounds").iterdir())) == 2 * 3, "and what there was before is gone"
    (tmp_path / "made.json").write_text("[]")
    with pytest.raises(InputError, match="is not what vcdisent evaluate"):
        make_page(listed, [tmp_path / "made"], tmp_path / "page")


def test_a_tone_is_a_dark_line_at_its_height(tmp_path: Path) -> None:
    wav, _ = audio.read(sound(tmp_path / "tone.wav", 2.0))
    write_spectrogram(wav, tmp_path / "tone.png")
    picture = np.asarray(Image.open(tmp_path / "tone.png"), float)
    assert picture.shape == (80, 100)
    assert 45 <= picture[:, 20:80].mean(1).argmin() <= 60  # 1 kHz, a third of the way up on the mel scale
    assert picture.min() == 0 and picture[5].min() > 200


def test_names_are_text_and_not_html() -> None:
    html = page("<b>", ["<i>"], {"<u>": [Sound("x'#%\"y", {"<s>": 1.0})]}, "<p>")
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>", "<s>", "<p>")) and 'src="x%27%23%25%22y.wav"' in html
