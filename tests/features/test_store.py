"""Frames on disk that are packed into one array."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from vcdisent.errors import InputError
from vcdisent.features import store

NUM_FRAMES = {"b-1": 4, "a-1": 6}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two utterances of three bins, the last of which never changes."""
    generator = np.random.default_rng(0)
    matrices = {name: generator.normal(5, 2, (length, 3)).astype(np.float32) for name, length in NUM_FRAMES.items()}
    for frames in matrices.values():
        frames[:, 2] = 7.0
    store.pack(tmp_path / "feats", matrices, NUM_FRAMES, {"a-1": "a", "b-1": "b", "c-1": "c"})
    (tmp_path / "feats" / store.SETTINGS).write_text("kind: LogMagnitude\nnum_bins: 3\n")
    return tmp_path / "feats"


def test_utterances_lie_in_the_order_that_is_given(folder: Path) -> None:
    frames, num_frames, speakers = store.read_packed(folder)
    assert frames.shape == (10, 3)
    assert isinstance(frames, np.memmap)
    assert list(num_frames.items()) == list(NUM_FRAMES.items())
    assert speakers == {"b-1": "b", "a-1": "a"}
    assert store.read_settings(folder) == {"kind": "LogMagnitude", "num_bins": 3}


def test_statistics_are_of_all_frames_and_never_zero(folder: Path) -> None:
    frames = np.asarray(store.read_packed(folder)[0], np.float64)
    statistics = load_file(folder / store.STATISTICS)
    np.testing.assert_allclose(statistics["mean"], frames.mean(0), rtol=1e-3)
    np.testing.assert_allclose(statistics["std"][:2], frames[:, :2].std(0), rtol=1e-2)
    assert statistics["std"][2] == pytest.approx(store.SMALLEST_STD)


def test_a_folder_of_something_else_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no features folder \(no features.yaml\); .* vcdisent features DATADIR"):
        store.read_packed(tmp_path)


def test_a_folder_that_does_not_add_up_says_what_to_do(folder: Path) -> None:
    (folder / store.NUM_FRAMES).write_text("b-1 4\n")
    with pytest.raises(InputError, match=r"feats: frames.npy, .* do not agree; run vcdisent features again$"):
        store.read_packed(folder)


@pytest.mark.parametrize("missing", [store.FRAMES, store.NUM_FRAMES, store.UTT2SPK])
def test_a_folder_that_is_not_whole_says_what_to_do(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(InputError, match=r"feats: is not whole .*; run vcdisent features again$"):
        store.read_packed(folder)


def test_a_torn_line_is_told_in_one(folder: Path) -> None:
    (folder / store.NUM_FRAMES).write_text("b-1 4\na-1\n")
    with pytest.raises(InputError, match=r"feats: is not whole .*; run vcdisent features again$"):
        store.read_packed(folder)
