"""Clips in and out: what is written is read again, and what is no clip is told in one line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vcdisent import video
from vcdisent.errors import InputError


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (3, 5, 6, 3), dtype=np.uint8)


def refusal(path, **options):
    with pytest.raises(InputError) as caught:
        video.read(path, **options)
    line = str(caught.value)
    assert "\n" not in line and str(path).split("[")[0] in line
    return line


def test_an_array_and_a_row_of_a_packed_one(tmp_path, noise):
    np.save(tmp_path / "clip.npy", noise)
    np.save(tmp_path / "clips.npy", np.stack([noise, 255 - noise]))
    assert np.array_equal(video.read(tmp_path / "clip.npy"), noise)
    assert np.array_equal(video.read(f"{tmp_path}/clips.npy[1]"), 255 - noise)
    assert "0 to 1" in refusal(f"{tmp_path}/clips.npy[2]")
    assert "(T, H, W, C)" in refusal(tmp_path / "clips.npy")
    assert "(N, T, H, W, C)" in refusal(f"{tmp_path}/clip.npy[0]")


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((2, 4, 4, 3), np.float32), "float32"),
        (np.zeros((4, 4, 3), np.uint8), "(4, 4, 3)"),
        (np.zeros((2, 4, 4, 2), np.uint8), "1 or 3 channels"),
        (np.zeros((0, 4, 4, 3), np.uint8), "(0, 4, 4, 3)"),
    ],
)
def test_another_array_is_refused(tmp_path, array, words):
    np.save(tmp_path / "clip.npy", array)
    assert words in refusal(tmp_path / "clip.npy")


def test_an_array_that_would_run_code_or_is_cut_short_is_refused(tmp_path, noise):
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    refusal(tmp_path / "objects.npy")
    np.save(tmp_path / "clip.npy", noise)
    whole = (tmp_path / "clip.npy").read_bytes()
    (tmp_path / "clip.npy").write_bytes(whole[: len(whole) // 2])
    refusal(tmp_path / "clip.npy")
    (tmp_path / "clip.npy").write_bytes(whole.replace(b"}", b" ", 1))  # of which numpy raises what is no ValueError
    refusal(tmp_path / "clip.npy")
    (tmp_path / "clip.npy").write_bytes(b"")
    refusal(tmp_path / "clip.npy")
    refusal(tmp_path / "none.npy")


def test_a_gif_has_the_frames_that_were_written(tmp_path):
    flat = np.zeros((4, 16, 16, 3), np.uint8)
    flat[:, :8] = [[[[250, 10, 10]]], [[[10, 250, 10]]], [[[10, 10, 250]]], [[[250, 250, 10]]]]
    video.write_gif(tmp_path / "clip.gif", flat, frame_ms=90)
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.n_frames == 4 and image.info["duration"] == 90 and image.info["loop"] == 0
    assert np.abs(video.read(tmp_path / "clip.gif").astype(int) - flat).max() <= 8
    assert [path.name for path in tmp_path.iterdir()] == ["clip.gif"]


def test_images_are_read_in_the_order_of_their_numbers(tmp_path, noise):
    for number, frame in zip((10, 2, 1), noise, strict=True):
        video.write_png(tmp_path / f"img_{number}.png", frame)
    (tmp_path / "notes.txt").write_text("not an image")
    assert np.array_equal(video.read(tmp_path), noise[::-1])
    video.write_png(tmp_path / "img_11.png", noise[0, :4])
    assert "6x4" in refusal(tmp_path) and "6x5" in refusal(tmp_path)


def test_an_image_that_does_not_decode_is_named(tmp_path, noise):
    video.write_png(tmp_path / "1.png", noise[0])
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])
    assert "2.png" in refusal(tmp_path)
    (tmp_path / "2.png").write_bytes(b"nonsense")
    assert "2.png" in refusal(tmp_path)
    (tmp_path / "clip.gif").write_bytes(b"GIF89a nonsense")
    refusal(tmp_path / "clip.gif")


def test_what_is_no_clip_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no images" in refusal(tmp_path / "empty")
    assert "is no clip" in refusal(tmp_path / "clip.mp4")


def test_what_is_too_large_is_not_decoded(tmp_path, noise, monkeypatch):
    video.write_png(tmp_path / "1.png", noise[0])
    monkeypatch.setattr(video, "MOST_PIXELS", 29)
    assert "too large" in refusal(tmp_path)


def test_colours_become_grey_and_grey_becomes_colours(tmp_path):
    colours = np.zeros((1, 1, 3, 3), np.uint8)
    colours[0, 0] = 255 * np.eye(3)
    np.save(tmp_path / "clip.npy", colours)
    grey = video.read(tmp_path / "clip.npy", num_channels=1)
    assert grey[..., 0].tolist() == [[[76, 150, 29]]]
    np.save(tmp_path / "grey.npy", grey)
    assert np.array_equal(video.read(tmp_path / "grey.npy", num_channels=3)[..., 2], grey[..., 0])
    assert video.read(tmp_path / "grey.npy").shape == (1, 1, 3, 1)


def test_a_file_of_several_clips_says_how_one_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "clips.npy", np.zeros((9, 2, 4, 4, 3), np.uint8))
    with pytest.raises(InputError, match=r"name one of its clips: .*clips\.npy\[0\] to \[8\]$"):
        video.read(tmp_path / "clips.npy")


def test_nobody_is_advised_to_unpickle(tmp_path: Path) -> None:
    (tmp_path / "text.npy").write_text("not an array")
    with pytest.raises(InputError, match=r"is no whole \.npy file") as told:
        video.read(tmp_path / "text.npy")
    assert "pickle" not in str(told.value) and "unsafe" not in str(told.value)
