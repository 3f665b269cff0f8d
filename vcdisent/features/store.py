"""Frames on disk: one memory-mapped array of them for training and, of speech, Kaldi archives for everyone.

A features folder is a data dir's twin: `utt2spk`, `utt2num_frames`, `features.yaml` (how the frames were made),
`frames.npy` (all frames end to end, in the order of `utt2num_frames`: float16, or uint8 of images) and
`stats.safetensors`; of speech also `feats.scp` and its archives, of video `labels.csv`.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.lib.format import open_memmap
from safetensors.numpy import save

from vcdisent.atomic import whole_file, write_text
from vcdisent.corpora.labels import LABELS
from vcdisent.errors import InputError

FRAMES, STATISTICS, NUM_FRAMES, UTT2SPK, SETTINGS = (
    "frames.npy",
    "stats.safetensors",
    "utt2num_frames",
    "utt2spk",
    "features.yaml",
)
SMALLEST_STD = 1e-3
"""Bins that never change are divided by this rather than by 0."""


def pack(
    folder: Path, matrices: Mapping[str, np.ndarray], num_frames: Mapping[str, int], speakers: Mapping[str, str]
) -> None:
    """Packs archives into one array, with the mean and standard deviation of each bin.

    Args:
        folder: The features folder.
        matrices: Frames (T, F) by utterance, read one by one (kaldiio's lazy dictionary).
        num_frames: T by utterance, in the order of packing.
        speakers: Speaker by utterance.
    """
    first = matrices[next(iter(num_frames))]
    total, total_squared = np.zeros(first.shape[1]), np.zeros(first.shape[1])
    with whole_file(folder / FRAMES) as partial:
        packed = open_memmap(partial, "w+", np.float16, (sum(num_frames.values()), first.shape[1]))
        end = 0
        for utterance, length in num_frames.items():
            frames = matrices[utterance]
            packed[end : end + length] = frames
            total += frames.sum(0, dtype=np.float64)
            total_squared += np.square(frames, dtype=np.float64).sum(0)
            end += length
        packed.flush()
    mean = total / end
    std = np.sqrt(np.maximum(total_squared / end - mean**2, SMALLEST_STD**2))
    write_statistics(folder, mean, std)
    write_index(folder, num_frames, speakers)


def write_statistics(folder: Path, mean: np.ndarray, std: np.ndarray) -> None:
    """Writes what frames are normalised by: a mean and a standard deviation that broadcast over them."""
    with whole_file(folder / STATISTICS) as partial:
        partial.write_bytes(save({"mean": mean.astype(np.float32), "std": std.astype(np.float32)}))


def write_index(folder: Path, num_frames: Mapping[str, int], speakers: Mapping[str, str]) -> None:
    """Writes how many frames each utterance has, in the order in which they are packed, and whose it is."""
    write_text(folder / UTT2SPK, "".join(f"{u} {speakers[u]}\n" for u in num_frames))
    write_text(folder / NUM_FRAMES, "".join(f"{u} {n}\n" for u, n in num_frames.items()))


def keep_settings(path: Path, settings: dict[str, Any]) -> None:
    """Keeps `settings` in a file, or sees that they are what it holds.

    Raises:
        InputError: The folder holds other features.
    """
    if path.exists() and yaml.safe_load(path.read_text()) != settings:
        raise InputError(
            f"{path.parent}: holds features made with other settings ({path}); remove it or name another folder"
        )
    write_text(path, yaml.safe_dump(settings, sort_keys=False))


def read_settings(folder: Path) -> dict[str, Any]:
    """How the frames in `folder` were made: the `features` part of a configuration.

    Raises:
        InputError: No features folder.
    """
    try:
        return yaml.safe_load((folder / SETTINGS).read_text())
    except OSError:
        raise InputError(
            f"{folder}: is no features folder (no {SETTINGS}); make one with: vcdisent features DATADIR {folder}"
        ) from None


def read_packed(folder: Path) -> tuple[np.ndarray, dict[str, int], dict[str, str]]:
    """The packed frames (N, ...), memory-mapped; frames by utterance, in their order; speaker by utterance.

    Raises:
        InputError: The folder is not whole.
    """
    read_settings(folder)
    try:
        frames = np.load(folder / FRAMES, mmap_mode="c")  # private and writable, as torch wants it; nothing writes
        num_frames = {utterance: int(n) for utterance, n in read_pairs(folder / NUM_FRAMES).items()}
        speakers = read_pairs(folder / UTT2SPK)
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: is not whole ({error}); run vcdisent features again") from None
    if sum(num_frames.values()) != len(frames) or num_frames.keys() != speakers.keys():
        raise InputError(f"{folder}: {FRAMES}, {NUM_FRAMES} and {UTT2SPK} do not agree; run vcdisent features again")
    return frames, num_frames, speakers


def digest(folder: Path) -> str:
    """What tells one corpus from another: whose sequences there are, how long and with which labels; not a frame."""
    told = hashlib.blake2b(digest_size=8)
    for name in (NUM_FRAMES, UTT2SPK, LABELS):
        told.update((folder / name).read_bytes() if (folder / name).exists() else b"-")
    return told.hexdigest()


def read_pairs(path: Path) -> dict[str, str]:
    """Lines of two words as a dictionary."""
    return dict(line.split(maxsplit=1) for line in path.read_text().splitlines())
