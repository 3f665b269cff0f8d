"""MUG's tree with drawn faces in it, whole and broken."""

import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from vcdisent import video
from vcdisent.cli import EXIT_SKIPPED
from vcdisent.corpora import drawn_mug, mug
from vcdisent.corpora.face import find_face
from vcdisent.corpora.videodir import Clip, read_video_dir
from vcdisent.errors import InputError

needs_opencv = pytest.mark.skipif(find_spec("cv2") is None, reason="faces are found by OpenCV: vcdisent[mug]")
NUM_SUBJECTS = 6


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of six subjects, with two takes of two expressions and of none each, of 15 or 16 images."""
    root = tmp_path_factory.mktemp("mug")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn_mug, "MOODS", {name: drawn_mug.MOODS[name] for name in ("anger", "surprise", "neutral")})
        patch.setattr(drawn_mug, "NUM_IMAGES", (15, 16))
        drawn_mug.draw_tree(root / "subjects3", NUM_SUBJECTS)
    return root


@pytest.fixture
def tree(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "mug")


def test_takes_are_found_with_and_without_sessions_and_not_neutral_ones(whole: Path) -> None:
    takes = mug.find(whole)
    assert len(takes) == NUM_SUBJECTS * 2 * 2
    assert [take.name for take in takes[:5]] == [
        *("001-anger-t000", "001-anger-t001", "001-surprise-t000", "001-surprise-t001"),
        "002-anger-s0-t000",
    ]
    assert takes[4].folder == (whole / "subjects3/002/session0/anger/take000").resolve()
    assert mug.find(whole / "subjects3") == takes
    assert mug.find(whole / "subjects3/001")[0].subject == "001"
    firsts = {min(take.folder.iterdir()).name for take in takes}
    assert len(firsts) > 1  # images are not counted from 0 everywhere


@needs_opencv
def test_data_dirs_share_no_subject_but_the_judge_knows_those_of_test(whole: Path, tmp_path: Path) -> None:
    splits = mug.prepare(whole, tmp_path / "data", num_jobs=1)
    read = {name: read_video_dir(tmp_path / "data" / name) for name in splits}
    assert {name: len(clips) for name, clips in read.items()} == {"train": 8, "dev": 8, "test": 4, "judge": 20}
    subjects = {name: {clip.identity for clip in clips} for name, clips in read.items()}
    assert (
        not subjects["train"] & subjects["dev"]
        | subjects["train"] & subjects["test"]
        | subjects["dev"] & subjects["test"]
    )
    assert subjects["judge"] == {f"{number + 1:03d}" for number in range(NUM_SUBJECTS)}
    assert {clip.id for clip in read["judge"]}.isdisjoint(clip.id for clip in read["test"])
    assert {clip.labels["expression"] for clip in read["test"]} == {"anger", "surprise"}
    assert all(clip.labels["identity"] == clip.identity for clip in read["train"])
    check_pictures(read["test"])


def check_pictures(clips: list[Clip]) -> None:
    """Clips are 15 frames of a face that fills them, and whose expression rises and falls."""
    for clip in clips:
        frames = clip.read()
        assert (frames.shape, frames.dtype) == ((15, 64, 64, 3), np.uint8)
        changed = np.abs(frames.astype(int) - frames[0]).mean((1, 2, 3))
        assert changed[7] > 2 * max(changed[1], changed[14])
        sky = np.abs(frames - np.array([0x28, 0x46, 0x6E])).max(-1) < 20
        assert sky.mean() < 0.4  # of the whole images it is three quarters


@needs_opencv
def test_long_takes_give_clips_that_interlace(whole: Path, tmp_path: Path) -> None:
    take = mug.find(whole)[0]
    paths = sorted(take.folder.iterdir())
    for number in range(33):
        shutil.copy(paths[number // 3], tmp_path / f"img_{number + 7:04d}.jpg")
    clips = mug.crop_take(take._replace(folder=tmp_path))
    assert clips.shape == (2, 15, 64, 64, 3)
    box = find_face(tmp_path, [video.read_image(paths[0]), video.read_image(paths[5]), video.read_image(paths[9])])
    np.testing.assert_array_equal(clips[1, 4], mug._crop(tmp_path / "img_0016.jpg", box))


@needs_opencv
def test_broken_takes_are_left_out_and_listed(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    takes = tree / "subjects3"
    for path in sorted((takes / "001/anger/take000").iterdir())[3:]:
        path.unlink()
    min((takes / "001/surprise/take001").iterdir()).write_bytes(b"no image")
    for path in (takes / "003/anger/take001").iterdir():
        write_grey(path)
    first = min((takes / "003/surprise/take000").iterdir())
    first.write_bytes(first.read_bytes()[:400])
    skipped: list[str] = []
    splits = mug.prepare(tree, tmp_path / "data", skipped)
    complaints = (
        ("001/anger/take000", "has 3 images (img_NNNN.jpg), where 15 are needed"),
        ("001/surprise/take001/img_", "is no image that can be decoded"),
        ("003/anger/take001", "no face is found in its images"),
        (f"003/surprise/take000/{first.name}", "cannot be decoded"),
    )
    assert len(skipped) == len(complaints)
    for line, (place, complaint) in zip(skipped, complaints, strict=True):
        assert place in line and complaint in line and "\n" not in line
    written = {clip.id.rsplit("-", 1)[0] for name in ("train", "dev", "judge", "test") for clip in splits[name]}
    assert len(written) == NUM_SUBJECTS * 4 - 4
    assert "left out (4)" in capsys.readouterr().err


@needs_opencv
def test_the_command_says_what_it_left_out_and_has_the_status_of_that(
    tree: Path, tmp_path: Path, vcdisent: Callable
) -> None:
    broken = min((tree / "subjects3/002").rglob("img_*"))
    broken.write_bytes(b"no image")
    ran = vcdisent("prepare", "mug", tree, tmp_path / "data")
    assert ran.status == EXIT_SKIPPED
    assert f"{broken}: is no image" in ran.err and "Traceback" not in ran.err
    assert len(read_video_dir(tmp_path / "data/train")) > 0


def write_grey(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (drawn_mug.SIZE, drawn_mug.SIZE), "#808080").save(path)


@needs_opencv
def test_too_few_subjects_are_refused(tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(tree / "subjects3/004")
    with pytest.raises(InputError, match="has takes of 5 subjects, too few to split: 6 are needed"):
        mug.prepare(tree, tmp_path / "data")


def test_no_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no MUG found \(subjects3/001/anger/take000/img_0000\.jpg\)"):
        mug.prepare(tmp_path, tmp_path / "data")


def test_without_opencv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match=r"pip install 'vcdisent\[mug\]'"):
        find_face(tmp_path, [np.zeros((64, 64, 3), np.uint8)])


@needs_opencv
def test_every_drawn_face_is_found() -> None:
    for subject in range(drawn_mug.NUM_SUBJECTS):
        for mood in (drawn_mug.MOODS["surprise"], drawn_mug.MOODS["disgust"]):
            image = np.asarray(drawn_mug.draw_face(subject, mood, 1.0))
            left, top, right, bottom = find_face(Path(), [image])
            assert left < 64 < right and top < 64 < bottom and 40 < right - left < 100


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(InputError, match="holds something other than this version's drawn_mug"):
        drawn_mug.prepare(tmp_path, tmp_path / "data")


@pytest.mark.parametrize("num_takes", [1, 2, 3, 5])
def test_no_expression_is_rarer_than_another_in_the_test_set(num_takes: int) -> None:
    takes = [
        [Clip(f"{subject}-{expression}-{take}", subject, "", {"identity": subject, "expression": expression})]
        for subject in map(str, range(100, 152))
        for expression in mug.EXPRESSIONS
        for take in range(num_takes)
    ]
    skipped: list[str] = []
    splits = mug.split(Path(), takes, skipped)
    counts = [sum(clip.labels["expression"] == name for clip in splits["test"]) for name in mug.EXPRESSIONS]
    assert max(counts) - min(counts) <= 1 and not skipped
    judged = {clip.identity for clip in splits["judge"]}
    assert {clip.identity for clip in splits["test"]} <= judged and len(judged) == 52


def test_a_subject_of_one_take_is_left_out_of_the_test_set() -> None:
    def takes(alone: str) -> list[list[Clip]]:
        names = [(s, t) for s in "abcdefgh" for t in range(1 if s == alone else 2)]
        return [[Clip(f"{s}-{t}", s, "", {"identity": s, "expression": "anger"})] for s, t in names]

    skipped: list[str] = []
    tested = {clip.identity for clip in mug.split(Path("mug"), takes(""), skipped)["test"]}
    assert len(tested) == 2 and not skipped
    splits = mug.split(Path("mug"), takes(min(tested)), skipped)
    assert {clip.identity for clip in splits["test"]} == {max(tested)}
    assert skipped == [f"mug: subject {min(tested)} has one take, where test and its judge need one each"]
