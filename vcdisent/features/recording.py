"""Recordings to frames: the only way in, for training, verification, embedding and conversion alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import torch
from torch import Tensor

from vcdisent import audio
from vcdisent.audio_level import level_of_blocks_db
from vcdisent.errors import InputError

Recording = str | Path | np.ndarray
"""A file, or a waveform (N,) at the features' rate."""


class Features(Protocol):
    """What `LogMagnitude`, `LogMel` and `World` have in common.

    Attributes:
        sample_rate: Rate of the waveforms that come in, in hertz.
        hop_length: Samples from one frame to the next.
        level_db: Active speech level in dBFS to which a recording is brought first; None leaves it as it is.
        trim_db: Cut silence at both ends quieter than this below the loudest part; None keeps it.
    """

    sample_rate: int
    hop_length: int
    level_db: float | None
    trim_db: float | None

    @property
    def num_bins(self) -> int:
        """Values in one frame."""
        ...

    def to(self, device: torch.device) -> Self:
        """The features, on a device."""
        ...

    def __call__(self, wav: Tensor) -> Tensor:
        """Frames (B, T, F) of waveforms (B, N), T = 1 + N // hop_length."""
        ...


@torch.no_grad()
def wav_frames(features: Features, wav: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """Frames (T, F) of `wav` (N,), which is at its level already."""
    return features(torch.from_numpy(np.ascontiguousarray(wav)).unsqueeze(0).to(device)).squeeze(0)


def corpus_frames(features: Features, wav: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """Frames (T, F) of an utterance `wav` (N,) of a corpus, brought to its level and trimmed as the features say."""
    return wav_frames(features, corpus_wav(features, wav), device)


def corpus_wav(features: Features, wav: np.ndarray) -> np.ndarray:
    """What of an utterance `wav` (N,) of a corpus its frames are made of: trimmed, at its level, float32."""
    if features.trim_db is not None:
        import librosa  # slow to import, and only wanted on request

        wav, _ = librosa.effects.trim(wav, top_db=features.trim_db, frame_length=400, hop_length=features.hop_length)
    return wav * level_gain(features, wav)


def level_gain(features: Features, recording: Recording) -> np.float32:
    """The factor that brings a recording of any length to the features' level."""
    if features.level_db is None:
        return np.float32(1)
    level_db = level_of_blocks_db(blocks_of(recording, features.sample_rate, 30.0), features.sample_rate)
    return np.float32(10 ** ((features.level_db - level_db) / 20)) if np.isfinite(level_db) else np.float32(1)


def rate_of(recording: Recording, default: int) -> int:
    """The rate of a recording in hertz; of a waveform the `default`.

    Raises:
        InputError: The file cannot be used.
    """
    return default if isinstance(recording, np.ndarray) else audio.sample_rate(recording)


def num_samples_of(recording: Recording, default: int, to_hz: int) -> int:
    """How many samples a recording has at a rate in hertz; of a waveform at the `default`.

    Raises:
        InputError: The file or the waveform cannot be used.
    """
    if isinstance(recording, np.ndarray):
        check_waveform(recording, default)
        return round(len(recording) / default * to_hz)
    return round(audio.duration_s(recording) * to_hz)


def blocks_of(recording: Recording, sample_rate: int, block_s: float, overlap_s: float = 0.0) -> Iterator[np.ndarray]:
    """Waveforms (N,) of `block_s` seconds that share `overlap_s` with the one before; no file is in memory whole.

    Raises:
        InputError: The file or the waveform cannot be used.
    """
    if not isinstance(recording, np.ndarray):
        yield from audio.blocks(recording, sample_rate, block_s, overlap_s)
        return
    check_waveform(recording, sample_rate)
    size, shared = round(block_s * sample_rate), round(overlap_s * sample_rate)
    for start in range(0, max(len(recording) - shared, 1), size - shared):
        yield recording[start : start + size].astype(np.float32, copy=False)


def check_waveform(wav: np.ndarray, sample_rate: int) -> None:
    """Raises an InputError if an array, at that rate in hertz, is no waveform (N,)."""
    if wav.ndim != 1 or not wav.size or not np.isfinite(wav).all():
        raise InputError(f"a waveform of shape {wav.shape}: give one of shape (N,), without NaN, at {sample_rate} Hz")
