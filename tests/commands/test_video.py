"""vcdisent swap, generate and traverse with a model of video: labelled pictures, or one line and nothing written."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vcdisent import video
from vcdisent.commands.video import called


@pytest.fixture
def model(video_folder):
    return "--model", video_folder, "--device", "cpu"


@pytest.fixture
def clips(video_dump):
    return [video_dump.parent / "test" / f"{name}.npy" for name in ("red4-left", "blue5-right")]


def frames(path):
    with Image.open(path) as image:
        return image.n_frames


def test_a_swap_is_a_picture_and_a_gif(vcdisent, model, clips, tmp_path):
    out = tmp_path / "out"
    ran = vcdisent("swap", *clips, "-o", out, *model)
    assert (ran.status, ran.out) == (0, f"{out}: swap.png and swap.gif, 6 clips\n"), ran
    assert sorted(path.name for path in out.iterdir()) == ["swap.gif", "swap.png"]
    assert frames(out / "swap.gif") == 8
    image = video.read_image(out / "swap.png")
    assert (image == video.read(clips[0])[0, 12, 16]).all(-1).any(), "the clip itself is there"


def test_clips_may_be_gifs_rows_and_folders(vcdisent, model, clips, clip, tmp_path):
    np.save(tmp_path / "many.npy", np.stack([clip("red", "left"), clip("green", "right")]))
    video.write_gif(tmp_path / "a.gif", clip("red", "left"))
    for number, frame in enumerate(clip("blue", "left")):
        video.write_png(tmp_path / "images" / f"{number}.png", frame)
    for a in (f"{tmp_path}/many.npy[1]", tmp_path / "a.gif", tmp_path / "images"):
        ran = vcdisent("swap", a, clips[0], "-o", tmp_path / "out", *model)
        assert ran.status == 0, ran


def test_samples_are_the_same_for_the_same_seed(vcdisent, model, clips, tmp_path):
    words = ("generate", "--num", 3, "--fix", "dynamic", "--dynamic", clips[0], *model)
    for out, seed in (("a", 1), ("b", 1), ("c", 2)):
        ran = vcdisent(*words, "--seed", seed, "-o", tmp_path / out)
        assert ran.status == 0 and "samples.png and samples.gif, 4 clips" in ran.out, ran
    a, b, c = (video.read_image(tmp_path / out / "samples.png") for out in "abc")
    assert np.array_equal(a, b) and not np.array_equal(a[-100:], c[-100:])


def test_a_way_is_a_picture_and_a_gif_of_all_clips(vcdisent, model, clips, tmp_path):
    ran = vcdisent("traverse", *clips, "--num-steps", 3, "-o", tmp_path, *model)
    assert ran.status == 0 and "3 by 3 clips of 8 frames" in ran.out, ran
    assert sorted(path.name for path in tmp_path.iterdir()) == ["traverse.gif", "traverse.png"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("swap", "OWN", "missing.npy"), "missing.npy"),
        (("swap", "OWN", "SMALL"), "small.npy: frames are"),
        (("generate", "--static", "OWN", "--dynamic", "OWN"), "vcdisent swap"),
        (("generate", "--static", "OWN", "OWN"), "one clip"),
        (("generate", "--seconds", "1"), "--num-frames"),
        (("traverse", "OWN", "OWN", "--num-steps", "1"), "2 to 12"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_nothing_is_written(vcdisent, model, clips, tmp_path, words, named):
    np.save(tmp_path / "small.npy", np.zeros((8, 16, 16, 3), np.uint8))
    places = {"OWN": clips[0], "SMALL": tmp_path / "small.npy"}
    ran = vcdisent(*(places.get(word, word) for word in words), "-o", tmp_path / "out", *model)
    assert ran.status == 2 and len(ran.err.splitlines()) == 1 and named in ran.err, ran
    assert not (tmp_path / "out").exists()


def test_a_model_of_video_is_asked_for(vcdisent, clips, tmp_path):
    ran = vcdisent("swap", *clips, "-o", tmp_path / "out")
    assert ran.status == 2 and "--model FOLDER" in ran.err, ran


@pytest.mark.parametrize("frames", ["data/frames", "data/test/frames"])
def test_a_clip_of_a_data_dir_is_called_by_its_id(tmp_path, frames):
    (tmp_path / frames).mkdir(parents=True)
    (tmp_path / "data/test").mkdir(exist_ok=True)
    entry = os.path.relpath(tmp_path / frames / "c1.npy[2]", tmp_path / "data/test")
    (tmp_path / "data/test/frames.scp").write_text(f"c1-left {entry.replace('[2]', '[1]')}\nc1-walk {entry}\n")
    assert called(tmp_path / "data/test" / entry) == called(tmp_path / frames / "c1.npy[2]") == "c1-walk"
    assert called(tmp_path / frames / "c1.npy[7]") == "c1.npy[7]"
    assert called(Path("alone.gif")) == "alone.gif"
