"""Clips to features folders: the pixels as they are, in [0, 1] after the normaliser; a bad clip is skipped."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from vcdisent.batches import FrameBank, Normaliser
from vcdisent.corpora.labels import read_labels
from vcdisent.corpora.videodir import Clip, read_video_dir, write_video_dir
from vcdisent.errors import InputError
from vcdisent.features import store
from vcdisent.features.extract_video import extract_video
from vcdisent.features.frames import VideoFrames

SETTINGS = {"kind": "VideoFrames", "height": 6, "width": 8, "num_channels": 3}
LENGTHS = {"a-0": 3, "a-1": 5, "b-0": 4}


@pytest.fixture
def features() -> VideoFrames:
    return VideoFrames(6, 8, 3)


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    """Three clips of two identities, of 3, 5 and 4 frames."""
    generator = np.random.default_rng(0)
    for name, length in LENGTHS.items():
        (tmp_path / "frames").mkdir(exist_ok=True)
        np.save(tmp_path / "frames" / f"{name}.npy", generator.integers(0, 256, (length, 6, 8, 3), np.uint8))
    made = [Clip(name, name[0], str(tmp_path / "frames" / f"{name}.npy"), {"side": name[2]}) for name in LENGTHS]
    write_video_dir(tmp_path / "data", made)
    return read_video_dir(tmp_path / "data")


def test_frames_are_the_pixels_with_channels_first(clips: list[Clip], features: VideoFrames, tmp_path: Path) -> None:
    assert extract_video(clips, features, SETTINGS, tmp_path / "feats") == []
    frames, num_frames, identities = store.read_packed(tmp_path / "feats")
    assert (frames.dtype, frames.shape, features.frame_shape) == (np.uint8, (12, 3, 6, 8), (3, 6, 8))
    assert isinstance(frames, np.memmap)
    np.testing.assert_array_equal(frames, np.concatenate([clip.read() for clip in clips]).transpose(0, 3, 1, 2))
    assert list(num_frames.items()) == list(LENGTHS.items())
    assert identities == {"a-0": "a", "a-1": "a", "b-0": "b"}
    assert read_labels(tmp_path / "feats/labels.csv") == {name: {"side": name[2]} for name in LENGTHS}
    assert store.read_settings(tmp_path / "feats") == SETTINGS


def test_a_bank_gives_them_and_the_normaliser_brings_them_into_0_to_1(
    clips: list[Clip], features: VideoFrames, tmp_path: Path
) -> None:
    extract_video(clips, features, SETTINGS, tmp_path / "feats")
    statistics = load_file(tmp_path / "feats" / store.STATISTICS)
    assert {name: value.shape for name, value in statistics.items()} == {"mean": (1, 1, 1), "std": (1, 1, 1)}
    normaliser = Normaliser(*(torch.from_numpy(statistics[name]) for name in ("mean", "std")))
    x = normaliser(FrameBank.load(tmp_path / "feats", torch.device("cpu")).utterance(1))
    expected = clips[1].read().transpose(0, 3, 1, 2) / 255
    torch.testing.assert_close(x, torch.from_numpy(expected).float())
    assert 0 <= x.min() < 0.1 and 0.9 < x.max() <= 1


def test_a_bad_clip_is_skipped_and_listed(clips: list[Clip], features: VideoFrames, tmp_path: Path) -> None:
    np.save(clips[0].source, np.zeros((3, 8, 8, 3), np.uint8))
    clips[2].file.write_bytes(clips[2].file.read_bytes()[:-1])
    wrong_size, cut = extract_video(clips, features, SETTINGS, tmp_path / "feats")
    assert wrong_size == f"a-0: {clips[0].source}: frames are uint8 8x8x3, not uint8 6x8x3 (H x W x C)"
    assert cut.startswith(f"b-0: {clips[2].file}: ")
    frames, num_frames, _ = store.read_packed(tmp_path / "feats")
    assert list(num_frames) == list(read_labels(tmp_path / "feats/labels.csv")) == ["a-1"]
    np.testing.assert_array_equal(frames[4], clips[1].read()[4].transpose(2, 0, 1))


def test_nothing_but_bad_clips_leaves_no_frames(clips: list[Clip], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"feats: not one of 3 clips could be read; the first: a-0: .*6x8x3"):
        extract_video(clips, VideoFrames(6, 8, 1), {**SETTINGS, "num_channels": 1}, tmp_path / "feats")
    assert not (tmp_path / "feats" / store.FRAMES).exists()
    assert not [path.name for path in (tmp_path / "feats").iterdir() if path.name.startswith(".")]


def test_a_folder_of_other_features_is_refused(clips: list[Clip], features: VideoFrames, tmp_path: Path) -> None:
    extract_video(clips, features, SETTINGS, tmp_path / "feats")
    with pytest.raises(InputError, match="holds features made with other settings"):
        extract_video(clips, VideoFrames(8, 8, 3), {**SETTINGS, "height": 8}, tmp_path / "feats")


def test_two_channels_make_no_sense() -> None:
    with pytest.raises(ValueError, match="num_channels=2 makes no sense"):
        VideoFrames(num_channels=2)
