import numpy as np
import pytest
import soundfile as sf

from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.folder import prepare
from vcdisent.errors import InputError

WAV = 0.1 * np.sin(np.arange(8_000) / 10)


def add(path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, WAV, 16_000, **options)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "voices"
    add(root / "Ann-Marie/day 1/hello there.wav")
    add(root / "Ann-Marie/x.FLAC")
    add(root / "Bob/a/x.ogg")
    add(root / "Bob/x.mp3")
    add(root / "Bob/x.opus", format="OGG", subtype="OPUS")
    (root / "Bob/notes.txt").write_text("not audio, and not meant to be")
    return root


def test_ids_are_speaker_and_path(root, tmp_path, capsys):
    got = prepare(root, tmp_path / "data")["all"]
    assert [u.id for u in got] == ["Ann_Marie-day_1-hello_there", "Ann_Marie-x", "Bob-a-x", "Bob-x", "Bob-x_2"]
    assert got == read_data_dir(tmp_path / "data")
    assert got[0].source == str((root / "Ann-Marie/day 1/hello there.wav").resolve())
    output = capsys.readouterr()
    assert output.out == f"{tmp_path / 'data'}: 5 utterances, 2 speakers, 0.0 h\n" and output.err == ""


def test_speakers_stay_apart_when_their_names_become_the_same(tmp_path):
    for name in ("a b", "a-b", "a_b"):
        add(tmp_path / "voices" / name / "x.wav")
    got = prepare(tmp_path / "voices", tmp_path / "data")["all"]
    assert [u.speaker for u in got] == ["a_b", "a_b_2", "a_b_3"]


def test_names_that_begin_with_their_folders_do_not_say_them_twice(tmp_path):
    paths = [
        *("118/47824/118-47824-0004.flac", "118/47824/0004.flac", "118/1189.wav", "p225/p225_001.wav"),
        *("Ann-Marie/Ann-Marie 1.wav", "Bob/Bob.wav", "Bob/Bob-.wav", "Bob/Bobby.wav", "Bob/day/day2_Bob_1.wav"),
    ]
    for name in paths:
        add(tmp_path / "voices" / name)
    got = prepare(tmp_path / "voices", tmp_path / "data")["all"]
    assert {u.id for u in got} == {
        *("118-47824-0004", "118-47824-0004_2", "118-1189", "p225-001"),
        *("Ann_Marie-1", "Bob-Bob", "Bob-Bob-", "Bob-Bobby", "Bob-day-day2_Bob_1"),
    }
    assert got == read_data_dir(tmp_path / "data")


def test_names_of_any_script(tmp_path):
    for name in ("Zoë", "Ωμέγα", "小林"):
        add(tmp_path / "voices" / name / "x.wav")
    prepare(tmp_path / "voices", tmp_path / "data")
    assert [u.speaker for u in read_data_dir(tmp_path / "data")] == ["Zoë", "Ωμέγα", "小林"]


def test_lists_what_it_leaves_out(root, tmp_path, capsys):
    (root / "Carl").mkdir()
    (root / "Bob/y.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    (root / "Bob/empty.wav").write_bytes(b"")
    (root / "Bob/._x.wav").write_bytes(b"what a Mac leaves beside a file")
    add(root / "stray.wav")
    skipped = []
    got = prepare(root, tmp_path / "data", skipped)["all"]
    assert len(got) == 5
    for name, words in {
        "stray.wav": "lies in no speaker's folder",
        "Carl": "holds no recordings",
        "Bob/empty.wav": "is empty",
        "Bob/y.m4a": "is no recording",
    }.items():
        assert [line for line in skipped if line.startswith(f"{root.resolve() / name}: {words}")]
    assert len(skipped) == 4
    assert capsys.readouterr().err.splitlines() == ["left out (4):", *(f"  {line}" for line in skipped)]


@pytest.mark.parametrize("folders", [(), ("Ann",)])
def test_refuses_a_folder_without_speakers(tmp_path, folders):
    for name in folders:
        (tmp_path / "voices" / name).mkdir(parents=True)
    with pytest.raises(InputError, match="no speaker with recordings found"):
        prepare(tmp_path / "voices", tmp_path / "data")


def test_refuses_when_nothing_can_be_read(tmp_path):
    (tmp_path / "voices/Ann").mkdir(parents=True)
    (tmp_path / "voices/Ann/x.wav").write_text("no audio")
    with pytest.raises(InputError, match=r"none of 1 recording can be used; the first: .*x.wav: is no recording"):
        prepare(tmp_path / "voices", tmp_path / "data")
    assert not (tmp_path / "data").exists()
