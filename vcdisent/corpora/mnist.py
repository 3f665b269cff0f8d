"""MNIST's IDX files (LeCun, Cortes and Burges): the images of handwritten digits and what they show."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from vcdisent.errors import InputError

FILES = {"train": "train", "test": "t10k"}
"""What the files of a part begin with."""

SUFFIXES = ("idx{}-ubyte", "idx{}-ubyte.gz")
MAGIC = 0x0800
"""Of unsigned bytes; the number of dimensions is added to it."""

WHERE = (
    "MNIST's files ({0}-images-idx3-ubyte and {0}-labels-idx1-ubyte, .gz or not) are expected; "
    "take them from ossci-datasets.s3.amazonaws.com/mnist or another mirror"
)


def read_digits(root: str | Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Read one part of MNIST.

    Args:
        root: the folder with the four files, packed by gzip or not.
        part: "train" or "test".

    Returns:
        Images, uint8 (N, H, W), and the digits that they show, uint8 (N,).

    Raises:
        InputError: a file is missing, is no IDX file or is cut short, or the two do not belong together.
    """
    paths = [_find(Path(root), part, kind, num_dims) for kind, num_dims in (("images", 3), ("labels", 1))]
    images, labels = (read_idx(path, num_dims) for path, num_dims in zip(paths, (3, 1), strict=True))
    if len(images) != len(labels) or not len(labels):
        raise InputError(f"{paths[1]}: has {len(labels):,} labels for {len(images):,} images in {paths[0].name}")
    if labels.max() > 9:
        raise InputError(f"{paths[1]}: holds the label {labels.max()}, where digits 0 to 9 are expected")
    return images, labels


def read_idx(path: Path, num_dims: int) -> np.ndarray:
    """Read an IDX file of unsigned bytes.

    Args:
        path: the file, packed by gzip or not.
        num_dims: how many dimensions it should have.

    Raises:
        InputError: it is another kind of file, or shorter or longer than it says.
    """
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be unpacked ({error}): get it again") from None
    head = struct.Struct(f">{1 + num_dims}I")
    if len(content) < head.size or struct.unpack_from(">I", content)[0] != MAGIC + num_dims:
        raise InputError(f"{path}: is no IDX file of {num_dims} dimensions of bytes: get MNIST's own")
    shape = head.unpack_from(content)[1:]
    num_expected = int(np.prod(shape, dtype=np.int64))
    if len(content) - head.size != num_expected:
        told = f"holds {len(content) - head.size:,} of {num_expected:,} bytes"
        raise InputError(f"{path}: {told}, as a file that was cut short does: get it again")
    return np.frombuffer(content, np.uint8, offset=head.size).reshape(shape)


def _find(root: Path, part: str, kind: str, num_dims: int) -> Path:
    stem = f"{FILES[part]}-{kind}"
    candidates = [root / f"{stem}{joint}{end.format(num_dims)}" for joint in "-." for end in SUFFIXES]
    for path in candidates:
        if path.is_file():
            return path
    raise InputError(f"{root}: no {candidates[0].name} found: " + WHERE.format(FILES[part]))
