"""Data dirs of video: what is written is read, and what is wrong is named with its line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vcdisent.corpora.videodir import Clip, is_video_dir, read_video_dir, write_video_dir
from vcdisent.errors import InputError

SIZE = (5, 4, 6, 3)


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    """Two identities with two clips each in one packed array, and a third with a file of its own, elsewhere."""
    packed = np.random.default_rng(0).integers(0, 256, (4, *SIZE), np.uint8)
    (tmp_path / "corpus/frames").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    np.save(tmp_path / "corpus/frames/packed.npy", packed)
    np.save(tmp_path / "elsewhere/own one.npy", packed[0])
    sources = [f"{tmp_path}/corpus/frames/packed.npy[{row}]" for row in range(4)]
    names = ["a-1", "a-2", "b-1", "b-2"]
    made = [
        Clip(n, n[0], source, {"hair": "red, long", "action": n[2]}) for n, source in zip(names, sources, strict=True)
    ]
    return [*made, Clip("c-1", "c", str(tmp_path / "elsewhere/own one.npy"), {"hair": "none", "action": "1"})]


@pytest.fixture
def data_dir(clips: Sequence[Clip], tmp_path: Path) -> Path:
    write_video_dir(tmp_path / "corpus/train", reversed(clips))
    return tmp_path / "corpus/train"


def test_what_is_written_is_read(clips: Sequence[Clip], data_dir: Path, tmp_path: Path) -> None:
    read = read_video_dir(data_dir)
    assert [(c.id, c.identity, c.labels) for c in read] == [(c.id, c.identity, c.labels) for c in clips]
    packed = np.load(tmp_path / "corpus/frames/packed.npy")
    for clip, frames in zip(read, [*packed, packed[0]], strict=True):
        np.testing.assert_array_equal(clip.read(), frames)
    assert (data_dir / "spk2utt").read_text() == "a a-1 a-2\nb b-1 b-2\nc c-1\n"
    assert (data_dir / "labels.csv").read_text().splitlines()[:2] == ["id,hair,action", 'a-1,"red, long",1']


def test_frames_beside_the_data_dir_move_with_it(data_dir: Path, tmp_path: Path) -> None:
    assert (data_dir / "frames.scp").read_text().splitlines()[1::3] == [
        "a-2 ../frames/packed.npy[1]",
        f"c-1 {tmp_path}/elsewhere/own one.npy",
    ]
    (tmp_path / "corpus").rename(tmp_path / "moved")
    assert read_video_dir(tmp_path / "moved/train")[3].read().shape == SIZE


def test_it_is_told_from_a_data_dir_of_speech(data_dir: Path, tmp_path: Path) -> None:
    assert is_video_dir(data_dir)
    assert not is_video_dir(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "c-1"}, r"c-1 is both .* and .*: keep one of them"),
        ({"id": "a 1"}, r"has the id 'a 1': give one without spaces and commas"),
        ({"id": "a,1"}, r"has the id 'a,1'"),
        ({"identity": "b"}, r"utt2spk line 1: a-1 does not start with its speaker b"),
        ({"labels": {"action": "1"}}, r"has labels for .*: give the same ones to all"),
    ],
)
def test_what_cannot_be_written_is_refused(
    clips: list[Clip], tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        write_video_dir(tmp_path / "bad", [replace(clips[0], **change), *clips[1:]])
    assert not (tmp_path / "bad/frames.scp").exists()


def test_nothing_is_no_data_dir(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has nothing to write"):
        write_video_dir(tmp_path / "bad", [])


@pytest.mark.parametrize(
    ("name", "before", "after", "complaint"),
    [
        ("frames.scp", "b-1 ", "x-1 ", r"frames\.scp line 3: x-1 is not in utt2spk|line 4: b-2 is out of order"),
        (
            "frames.scp",
            "../frames/packed.npy[2]",
            "../frames/gone.npy[2]",
            r"frames\.scp line 3: .*gone\.npy does not exist",
        ),
        ("utt2spk", "b-2 b\n", "", r"frames\.scp line 4: b-2 is not in utt2spk"),
        ("spk2utt", "b b-1 b-2", "b b-1", r"spk2utt line 2: utterances of b disagree"),
        ("labels.csv", "id,hair,action", "name,hair,action", r"labels\.csv line 1: is .* where 'id,NAME,\.\.\.'"),
        ("labels.csv", "id,hair,action", "id,hair,hair", r"labels\.csv line 1: .* different names"),
        ("labels.csv", ",2\n", ",\n", r"labels\.csv line 3: is 'a-2,.*a value for each of 'id,hair,action'"),
        ("labels.csv", "c-1,none,1", "c-1,none", r"labels\.csv line 6: is 'c-1,none'"),
        ("labels.csv", "a-2,", "a-1,", r"labels\.csv line 3: a-1 was on an earlier line"),
        ("labels.csv", "c-1,none,1\n", "", r"labels\.csv: its sequences are not those of utt2spk"),
    ],
)
def test_what_is_wrong_is_named(data_dir: Path, name: str, before: str, after: str, complaint: str) -> None:
    text = (data_dir / name).read_text()
    assert before in text
    (data_dir / name).write_text(text.replace(before, after, 1))
    with pytest.raises(InputError, match=complaint) as caught:
        read_video_dir(data_dir)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["labels.csv", "spk2utt", "utt2spk", "frames.scp"])
def test_a_file_that_is_missing_is_named(data_dir: Path, name: str) -> None:
    (data_dir / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: cannot be read"):
        read_video_dir(data_dir)


def test_only_a_header_is_no_labels(data_dir: Path) -> None:
    (data_dir / "labels.csv").write_text("id,hair\n")
    with pytest.raises(InputError, match=r"labels\.csv: has no sequences"):
        read_video_dir(data_dir)


def test_an_array_that_is_cut_short_is_named_when_it_is_read(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "corpus/frames/packed.npy"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"packed\.npy: "):
        read_video_dir(data_dir)[0].read()
