"""vcdisent prepare, validate and features on video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vcdisent.corpora.labels import read_labels
from vcdisent.corpora.videodir import Clip, write_video_dir
from vcdisent.features import store

SMALL = ("experiment=sprites", "features.height=32", "features.width=32")


@pytest.fixture
def data_dir(clip: Callable[..., np.ndarray], tmp_path: Path) -> Path:
    """Four clips of two colours."""
    clips = []
    for colour in ("green", "red"):
        for direction in ("left", "right"):
            path = tmp_path / f"{colour}-{direction}.npy"
            np.save(path, clip(colour, direction))
            clips.append(Clip(path.stem, colour, str(path), {"colour": colour, "direction": direction}))
    write_video_dir(tmp_path / "data", clips)
    return tmp_path / "data"


def test_a_data_dir_of_video_is_validated(vcdisent, data_dir: Path) -> None:
    assert vcdisent("validate", data_dir).out == f"{data_dir}: valid: 4 sequences, 2 identities\n"
    (data_dir / "spk2utt").unlink()
    ran = vcdisent("validate", data_dir)
    assert (ran.status, ran.err.count("\n")) == (2, 1) and "spk2utt: cannot be read" in ran.err


def test_of_one_clip_there_is_one_sequence(vcdisent, clip: Callable[..., np.ndarray], tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", clip("red", "left"))
    write_video_dir(tmp_path / "data", [Clip("red", "red", str(tmp_path / "a.npy"), {"colour": "red"})])
    assert vcdisent("validate", tmp_path / "data").out == f"{tmp_path}/data: valid: 1 sequence, 1 identity\n"


def test_frames_are_made_of_it(vcdisent, data_dir: Path, tmp_path: Path) -> None:
    ran = vcdisent("features", data_dir, tmp_path / "feats", *SMALL)
    assert ran.status == 0 and f"{tmp_path}/feats: frames of 4 utterances" in ran.err
    frames, num_frames, _ = store.read_packed(tmp_path / "feats")
    assert (frames.shape, frames.dtype, list(num_frames.values())) == ((32, 3, 32, 32), np.uint8, [8] * 4)
    assert read_labels(tmp_path / "feats/labels.csv")["red-left"] == {"colour": "red", "direction": "left"}


def test_a_bad_clip_is_status_3(vcdisent, data_dir: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "red-left.npy", np.zeros((8, 16, 16, 3), np.uint8))
    ran = vcdisent("features", data_dir, tmp_path / "feats", *SMALL)
    assert ran.status == 3 and "left out (1):" in ran.err and "red-left.npy: frames are uint8 16x16x3" in ran.err


def test_features_of_the_other_kind_are_refused(vcdisent, data_dir: Path, corpus: Path, tmp_path: Path) -> None:
    of_video = vcdisent("features", data_dir, tmp_path / "feats")
    assert of_video.status == 2 and "of video, which LogMagnitude does not take: add features=frames" in of_video.err
    of_speech = vcdisent("features", corpus / "train", tmp_path / "feats", *SMALL)
    assert of_speech.status == 2 and "frames.scp: cannot be read" in of_speech.err
    assert not (tmp_path / "feats").exists()


def test_options_go_to_the_corpus_that_has_them(vcdisent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vcdisent.corpora import smmnist

    asked = {}
    monkeypatch.setattr(
        smmnist,
        "prepare",
        lambda root, out, *, num_train=1, num_test=1, digits=1, seed=0, num_jobs=1: asked.update(
            num_train=num_train, num_test=num_test, digits=digits, seed=seed, num_jobs=num_jobs
        ),
    )
    given = ("--num-train", 60, "--num-test", 6, "--digits", 2, "--seed", 4, "--nj", 3)
    assert vcdisent("prepare", "smmnist", tmp_path, tmp_path / "out", *given).status == 0
    assert asked == {"num_train": 60, "num_test": 6, "digits": 2, "seed": 4, "num_jobs": 3}
    refused = vcdisent("prepare", "sprites", tmp_path, tmp_path / "out", "--nj", 2)
    assert refused.status == 2 and "prepare sprites takes no --nj: leave it out" in refused.err


@pytest.mark.parametrize("corpus_name", ["sprites", "smmnist", "mug"])
def test_a_corpus_that_is_not_there_is_one_line(vcdisent, tmp_path: Path, corpus_name: str) -> None:
    (tmp_path / "empty").mkdir()
    ran = vcdisent("prepare", corpus_name, tmp_path / "empty", tmp_path / "out")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f"{tmp_path}/empty: no " in ran.err
