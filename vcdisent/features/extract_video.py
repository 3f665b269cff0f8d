"""Data dir of video to features folder: all frames in one array, a bad clip is skipped and listed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.format import write_array_header_1_0

from vcdisent.atomic import whole_file
from vcdisent.corpora.labels import LABELS, write_labels
from vcdisent.corpora.videodir import Clip
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.features import store
from vcdisent.features.frames import VideoFrames
from vcdisent.progress import progress

LARGEST_VALUE = 255.0
"""Of a pixel. As the standard deviation, beside a mean of 0, it makes the normaliser bring pixels into [0, 1]."""


def extract_video(clips: Sequence[Clip], features: VideoFrames, settings: dict[str, Any], folder: Path) -> list[str]:
    """Writes the frames of `clips` into `folder`, as uint8 (N, C, H, W), and their labels.

    Args:
        clips: Sorted by id.
        features: Lay out the frames of a clip.
        settings: The configuration that `features` were built from, kept beside the frames.
        folder: The features folder.

    Returns:
        One line for each clip that was skipped.

    Raises:
        InputError: The folder holds other features, or not one clip could be read.
    """
    store.keep_settings(folder / store.SETTINGS, settings)
    with whole_file(folder / store.FRAMES) as unfinished, unfinished.open("wb") as file:
        num_frames, skipped = append_frames(file, progress(clips, unit="clip", desc=str(folder)), features)
        if not num_frames:
            raise InputError(
                f"{folder}: not one of {counted(len(clips), 'clip')} could be read; the first: {skipped[0]}"
            )
    kept = [clip for clip in clips if clip.id in num_frames]
    store.write_statistics(folder, np.zeros((1, 1, 1)), np.full((1, 1, 1), LARGEST_VALUE))
    store.write_index(folder, num_frames, {clip.id: clip.identity for clip in kept})
    write_labels(folder / LABELS, {clip.id: clip.labels for clip in kept})
    return skipped


def append_frames(file: BinaryIO, clips: Iterable[Clip], features: VideoFrames) -> tuple[dict[str, int], list[str]]:
    """Writes the frames of each clip that can be read as one .npy file, clip after clip.

    The header, which numpy makes long enough for any number of frames, is written again when that number is known.

    Returns:
        Frames by id, and one line for each clip that was skipped.
    """
    num_frames: dict[str, int] = {}
    skipped = []
    write_header(file, 0, features)
    for clip in clips:
        try:
            frames = frames_of(features, clip)
        except InputError as error:
            skipped.append(f"{clip.id}: {error}")
            continue
        file.write(frames.data)
        num_frames[clip.id] = len(frames)
    file.seek(0)
    write_header(file, sum(num_frames.values()), features)
    return num_frames, skipped


def frames_of(features: VideoFrames, clip: Clip) -> np.ndarray:
    """The frames, uint8 (T, C, H, W), of a clip.

    Raises:
        InputError: It cannot be read, or has frames of another size; names its file.
    """
    pixels = clip.read()
    try:
        return features(pixels)
    except InputError as error:
        raise InputError(f"{clip.source}: {error}") from None


def write_header(file: BinaryIO, num_frames: int, features: VideoFrames) -> None:
    """Writes the header of a .npy file of uint8 (num_frames, C, H, W)."""
    shape = (num_frames, *features.frame_shape)
    write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
