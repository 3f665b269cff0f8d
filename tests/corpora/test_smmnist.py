"""SM-MNIST: IDX files and their faults, motion that bounces, sequences that depend on their seed alone."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vcdisent.corpora import smmnist
from vcdisent.corpora.mnist import read_digits, read_idx
from vcdisent.corpora.videodir import Clip, read_video_dir
from vcdisent.errors import InputError

REAL = Path(__file__).resolve().parents[2] / "../shared/data/mnist"
NUM_IMAGES = {"train": 60, "t10k": 30}


def idx(array: np.ndarray) -> bytes:
    """An array as an IDX file."""
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """MNIST's files with few images: a bar, the longer the greater the digit, and a dot that tells images apart."""
    root = tmp_path / "mnist"
    root.mkdir()
    for part, num_images in NUM_IMAGES.items():
        images = np.zeros((num_images, 28, 28), np.uint8)
        digits = (np.arange(num_images) % 10).astype(np.uint8)
        for number, (image, digit) in enumerate(zip(images, digits, strict=True)):
            image[4:7, 2 : 4 + 2 * digit] = 255
            image[20 + number // 20, 4 + number % 20] = 255
        (root / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (root / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(digits)))
    return root


def prepare(mnist: Path, out: Path, **options: int) -> dict[str, list[Clip]]:
    return smmnist.prepare(mnist, out, **{"num_train": 24, "num_test": 7, **options})


def test_idx_files_are_read_packed_or_not(mnist: Path) -> None:
    images, digits = read_digits(mnist, "train")
    assert (images.shape, images.dtype, digits[:12].tolist()) == ((60, 28, 28), np.uint8, [*range(10), 0, 1])
    (mnist / "train-images-idx3-ubyte").rename(mnist / "train-images.idx3-ubyte")
    np.testing.assert_array_equal(read_digits(mnist, "train")[0], images)


FAULTS: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "cut": ("t10k-images-idx3-ubyte", lambda data: data[:-5], r"holds 23,515 of 23,520 bytes.*cut short"),
    "no header": ("t10k-images-idx3-ubyte", lambda data: data[:9], "is no IDX file of 3 dimensions"),
    "empty": ("t10k-images-idx3-ubyte", lambda data: b"", "is no IDX file of 3 dimensions"),
    "packed and cut": ("t10k-labels-idx1-ubyte.gz", lambda data: data[:-9], "cannot be unpacked"),
    "labels for images": ("t10k-images-idx3-ubyte", lambda data: idx(np.zeros(9, np.uint8)), "is no IDX file of 3"),
    "text": ("t10k-labels-idx1-ubyte.gz", lambda data: b"no digits here", "is no IDX file of 1 dimensions"),
    "too few": ("t10k-labels-idx1-ubyte.gz", lambda data: idx(np.zeros(9, np.uint8)), "has 9 labels for 30 images"),
    "no digit": ("t10k-labels-idx1-ubyte.gz", lambda data: idx(np.full(30, 12, np.uint8)), "holds the label 12"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_of_mnist_is_refused(mnist: Path, tmp_path: Path, fault: str) -> None:
    name, spoil, complaint = FAULTS[fault]
    (mnist / name).write_bytes(spoil((mnist / name).read_bytes()))
    with pytest.raises(InputError, match=complaint) as caught:
        prepare(mnist, tmp_path / "data")
    assert str(mnist / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "data").exists()


def test_a_missing_file_says_where_it_is(mnist: Path, tmp_path: Path) -> None:
    (mnist / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(InputError, match=r"no t10k-labels-idx1-ubyte found: .*ossci-datasets"):
        prepare(mnist, tmp_path / "data")


def test_splits_share_no_image_and_looks_to_be_known_again_are_seen_twice(mnist: Path, tmp_path: Path) -> None:
    splits = prepare(mnist, tmp_path)
    read = {name: read_video_dir(tmp_path / name) for name in splits}
    assert {name: len(clips) for name, clips in read.items()} == {"train": 24, "dev": 7, "test": 7}
    looks = {name: {clip.identity for clip in clips} for name, clips in read.items()}
    assert {name: len(own) for name, own in looks.items()} == {"train": 24, "dev": 4, "test": 4}
    assert all(int(look[1:]) < 55 for look in looks["train"])
    assert all(55 <= int(look[1:]) < 60 for look in looks["dev"])
    assert all(look.startswith("t") for look in looks["test"])


def test_a_clip_shows_the_digit_that_its_labels_name(mnist: Path, tmp_path: Path) -> None:
    images, digits = read_digits(mnist, "train")
    for clip in prepare(mnist, tmp_path)["train"]:
        frames = clip.read()
        assert (frames.shape, frames.dtype) == ((15, 64, 64, 1), np.uint8)
        number = int(clip.identity[1:])
        assert clip.labels["digit"] == str(digits[number])
        amount = int(smmnist.enlarge(images[number]).sum())
        assert [int(frame.sum()) for frame in frames] == [amount] * 15


def test_the_direction_is_that_of_the_first_four_frames(mnist: Path, tmp_path: Path) -> None:
    seen = set()
    for clip in prepare(mnist, tmp_path)["train"]:
        rows, columns = ([np.flatnonzero(f.any((axis, 2))).min() for f in clip.read()[:4]] for axis in (1, 0))
        steps = [np.diff(track) for track in (rows, columns)]
        assert all(np.ptp(step) == 0 and 1 <= abs(step[0]) <= 4 for step in steps)
        down, right = (step[0] > 0 for step in steps)
        assert clip.labels["direction"] == f"{'down' if down else 'up'}_{'right' if right else 'left'}"
        seen.add(clip.labels["direction"])
    assert len(seen) == 4


@pytest.mark.parametrize("seed", range(30))
def test_digits_stay_inside_and_turn_away_from_walls(seed: int) -> None:
    track = np.array(smmnist.wander(np.random.default_rng(seed)))
    assert track.shape == (15, 2)
    assert track.min() >= 0 and track.max() <= 32
    steps = np.diff(track, axis=0)
    assert np.abs(steps).max() <= 4
    for axis in (0, 1):
        at_wall = np.isin(track[1:-1, axis], (0, 32)) & (steps[:-1, axis] != 0) & (steps[1:, axis] != 0)
        assert (np.sign(steps[1:, axis])[at_wall] == np.where(track[1:-1, axis][at_wall] == 0, 1, -1)).all()


def test_two_digits_are_named_in_their_order_and_directions_whatever_the_digits(mnist: Path, tmp_path: Path) -> None:
    digits = read_digits(mnist, "train")[1]
    for clip in prepare(mnist, tmp_path, digits=2)["train"]:
        shown = [int(name[1:]) for name in clip.identity.split("_")]
        assert clip.labels["digit"] == "+".join(sorted(str(digits[number]) for number in shown))
        directions = clip.labels["direction"].split("+")
        assert len(directions) == 2 and directions == sorted(directions)
    with pytest.raises(InputError, match="3 digits are too many"):
        prepare(mnist, tmp_path, digits=3)


def test_the_seed_decides_and_the_number_of_workers_does_not(
    mnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smmnist, "CLIPS_A_FILE", 10)
    one, two, other = (
        [(clip.id, clip.labels, clip.read().tobytes()) for clip in prepare(mnist, tmp_path / name, **options)["train"]]
        for name, options in (("one", {}), ("two", {"num_jobs": 2}), ("other", {"seed": 1}))
    )
    assert one == two
    assert {pixels for _, _, pixels in one}.isdisjoint(pixels for _, _, pixels in other)


def test_more_sequences_than_there_are_images_for_are_refused(mnist: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has images for 10 sequences of dev, not 11: ask for fewer"):
        prepare(mnist, tmp_path / "data", num_test=11)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs MNIST in ../shared/data")
def test_real_files_are_mnist() -> None:
    images, digits = read_digits(REAL, "test")
    assert images.shape == (10_000, 28, 28)
    assert np.bincount(digits).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert read_idx(REAL / "t10k-labels-idx1-ubyte.gz", 1).shape == (10_000,)
