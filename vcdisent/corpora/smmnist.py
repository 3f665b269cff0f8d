"""SM-MNIST: digits of MNIST that move and bounce at random, 15 frames of 64x64 (Denton and Fergus, ICML 2018).

A digit, 32 pixels wide, goes in a straight line until it meets a wall; there it gets a new velocity, drawn away from
the wall. Where the paper draws everything, here the first four frames are free of walls and neither part of the first
velocity is 0, so that the direction in which a sequence sets out, one of four, is plain to see: it is its label.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from vcdisent.atomic import whole_file
from vcdisent.corpora.mnist import read_digits
from vcdisent.corpora.survey import write_clips
from vcdisent.corpora.videodir import Clip
from vcdisent.errors import InputError
from vcdisent.progress import progress

SIZE, DIGIT_SIZE, NUM_FRAMES, FASTEST = 64, 32, 15, 4
"""Pixels, frames, and pixels a frame in each direction."""

FREE_STEPS = 3
CLIPS_OF_A_LOOK = {"train": 1, "dev": 2, "test": 2}
"""Sequences of each identity (the same images of digits): two where it is asked whether s knows it; in training one,
so that many images are seen, and no two sequences of a batch share what stays."""

CLIPS_A_FILE = 250
SHARE_OF_DEV = 12
"""One part in so many of MNIST's training images, the last ones, is for dev alone."""


class Part(NamedTuple):
    """The images that one split is drawn from.

    Attributes:
        images: uint8 (N, 28, 28).
        digits: what they show (N,).
        names: what identities are called that show them.
    """

    images: np.ndarray
    digits: np.ndarray
    names: list[str]


def prepare(
    root: str | Path,
    out: str | Path,
    *,
    num_train: int = 10_000,
    num_test: int = 1_000,
    digits: int = 1,
    seed: int = 0,
    num_jobs: int = 1,
) -> dict[str, list[Clip]]:
    """Draw the sequences, the same ones whatever the number of workers, and make data dirs of them.

    Args:
        root: the folder with MNIST's IDX files.
        out: gets `train`, `dev` and `test`, each with its `frames`.
        num_train: sequences to learn from, of MNIST's training images.
        num_test: sequences for the figures, of MNIST's test images; and as many for dev, of images that train lacks.
        digits: how many move in each sequence: 1 or 2.
        seed: of the choice of images and of their motion.
        num_jobs: workers.

    Returns:
        The clips of each split, with the labels `digit` (3, or 3+7) and `direction` (up_left, or up_left+down_left: in
        alphabetical order, which no digit can change).

    Raises:
        InputError: MNIST is not in `root` or not whole, or has too few images for so many sequences.
    """
    if digits not in (1, 2):
        raise InputError(f"smmnist: {digits} digits are too many or too few: give 1 or 2")
    parts = read_parts(Path(root))
    counts = {"train": num_train, "dev": num_test, "test": num_test}
    for name, part in parts.items():
        most = CLIPS_OF_A_LOOK[name] * len(part.digits)
        if counts[name] > most:
            raise InputError(
                f"{root}: has images for {most:,} sequences of {name}, not {counts[name]:,}: ask for fewer"
            )
    return {
        name: write_split(
            Path(out) / name, part, (counts[name], CLIPS_OF_A_LOOK[name]), digits, (seed, number), num_jobs
        )
        for number, (name, part) in enumerate(parts.items())
    }


def read_parts(root: Path) -> dict[str, Part]:
    """The images of each split."""
    images, digits = read_digits(root, "train")
    border = len(digits) - len(digits) // SHARE_OF_DEV
    names = [f"d{number:05d}" for number in range(len(digits))]
    test_images, test_digits = read_digits(root, "test")
    return {
        "train": Part(images[:border], digits[:border], names[:border]),
        "dev": Part(images[border:], digits[border:], names[border:]),
        "test": Part(test_images, test_digits, [f"t{number:05d}" for number in range(len(test_digits))]),
    }


def write_split(
    folder: Path, part: Part, counts: tuple[int, int], num_digits: int, key: tuple[int, int], num_jobs: int
) -> list[Clip]:
    """Draw so many sequences, so many of each look, in files that appear whole, and write their data dir."""
    num_clips, of_a_look = counts
    looks = choose(len(part.digits), -(-num_clips // of_a_look), num_digits, key)
    shown = looks.repeat(of_a_look, axis=0)[:num_clips]
    starts = range(0, num_clips, CLIPS_A_FILE)
    jobs = (
        delayed(draw_file)(
            folder / "frames" / f"{start:06d}.npy", part.images[shown[start : start + CLIPS_A_FILE]], (*key, start)
        )
        for start in starts
    )
    finished = Parallel(n_jobs=num_jobs, return_as="generator")(jobs)
    directions = [own for file in progress(finished, total=len(starts), unit="file", desc=str(folder)) for own in file]
    clips = []
    for number, (look, own) in enumerate(zip(shown, directions, strict=True)):
        identity = "_".join(part.names[image] for image in look)
        digit, direction = ("+".join(sorted(each)) for each in ((str(part.digits[image]) for image in look), own))
        start, row = divmod(number, CLIPS_A_FILE)
        source = f"{folder / 'frames' / f'{start * CLIPS_A_FILE:06d}.npy'}[{row}]"
        name = f"{identity}-{number % of_a_look}"
        clips.append(Clip(name, identity, source, {"digit": digit, "direction": direction}))
    return write_clips(folder, clips)


def choose(num_images: int, num_looks: int, num_digits: int, key: tuple[int, ...]) -> np.ndarray:
    """Which images (num_looks, num_digits) are seen together; none is in the same place of two looks."""
    generator = np.random.default_rng(key)
    return np.stack([generator.permutation(num_images)[:num_looks] for _ in range(num_digits)], axis=1)


def draw_file(path: Path, images: np.ndarray, key: tuple[int, ...]) -> list[list[str]]:
    """Draw sequences into one array.

    Args:
        path: the .npy file.
        images: uint8 (N, digits, 28, 28).
        key: of their motion.

    Returns:
        The directions in which the digits of each sequence set out.
    """
    frames = np.zeros((len(images), NUM_FRAMES, SIZE, SIZE, 1), np.uint8)
    directions: list[list[str]] = []
    for clip, own in zip(frames, images, strict=True):
        generator = np.random.default_rng((*key, len(directions)))
        paths = [wander(generator) for _ in own]
        for image, positions in zip(own, paths, strict=True):
            draw_digit(clip, enlarge(image), positions)
        directions.append([direction(positions) for positions in paths])
    with whole_file(path) as unfinished:
        np.save(unfinished, frames)
    return directions


def wander(generator: np.random.Generator) -> list[list[int]]:
    """Where a digit is in each frame: the row and the column of its upper left corner."""
    room = SIZE - DIGIT_SIZE
    velocity = (generator.integers(1, FASTEST + 1, 2) * generator.choice((-1, 1), 2)).tolist()
    free = [FREE_STEPS * speed for speed in velocity]
    positions = [[int(generator.integers(max(0, -way), min(room, room - way) + 1)) for way in free]]
    while len(positions) < NUM_FRAMES:
        position = [where + speed for where, speed in zip(positions[-1], velocity, strict=True)]
        for axis, where in enumerate(position):
            if not 0 <= where <= room:
                position[axis] = 0 if where < 0 else room
                velocity[1 - axis] = int(generator.integers(-FASTEST, FASTEST + 1))
                velocity[axis] = int(generator.integers(1, FASTEST + 1)) * (1 if where < 0 else -1)
        positions.append(position)
    return positions


def draw_digit(clip: np.ndarray, image: np.ndarray, positions: Sequence[Sequence[int]]) -> None:
    """Add a digit, uint8 (32, 32), to each frame of a clip, uint8 (T, 64, 64, 1): the brighter pixel wins."""
    for frame, (row, column) in zip(clip[..., 0], positions, strict=True):
        window = frame[row : row + DIGIT_SIZE, column : column + DIGIT_SIZE]
        np.maximum(window, image, out=window)


def direction(positions: Sequence[Sequence[int]]) -> str:
    """Where a digit sets out for, such as `up_left`."""
    (row, column), (next_row, next_column) = positions[:2]
    return f"{'down' if next_row > row else 'up'}_{'right' if next_column > column else 'left'}"


def enlarge(image: np.ndarray) -> np.ndarray:
    """A digit of MNIST, uint8 (28, 28), at the size at which it moves, (32, 32)."""
    from PIL import Image

    size = (DIGIT_SIZE, DIGIT_SIZE)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
