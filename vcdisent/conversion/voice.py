"""A voice, as conversion needs it, and the file that keeps it for later."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from vcdisent.errors import InputError
from vcdisent.features.pitch import PitchStats, Shift
from vcdisent.training import checkpoint

SUFFIX = ".safetensors"
Pitch = Literal["auto", "keep"] | float
"""Where the pitch of converted speech goes: where the target's lies, nowhere, or so many semitones up."""


@dataclass(frozen=True)
class Voice:
    """What conversion needs of a voice.

    Attributes:
        static: Its static code (S,).
        mean: Mean (F,) of the normalised frames in which it speaks: its colour, and that of its recordings.
        pitch: Where its pitch lies, or how far to move the source's; None leaves that where it is.
        spoken_from: Loudness of normalised frames from which somebody speaks in its recording.
    """

    static: Tensor
    mean: Tensor
    pitch: PitchStats | Shift | None
    spoken_from: float = -math.inf

    def with_pitch(self, pitch: Pitch) -> "Voice":
        """The same voice, with the pitch that is wanted of it."""
        if pitch == "auto":
            return self
        return replace(self, pitch=None if pitch == "keep" else Shift(float(pitch)))


def save_voice(path: Path, voice: Voice, model: bytes) -> None:
    """Keeps a voice under what tells its `model` from others."""
    pitch = voice.pitch if isinstance(voice.pitch, PitchStats) else ()
    tensors = {"static": voice.static, "mean": voice.mean, "pitch": torch.tensor(pitch, dtype=torch.float64)}
    checkpoint.save_tensors(path, {**tensors, "model": torch.tensor(list(model), dtype=torch.uint8)})


def load_voice(path: Path, model: bytes) -> Voice:
    """A voice that `save_voice` kept.

    Raises:
        InputError: There is no such file, it holds something else, or a voice as another model codes it.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such voice; make one with: vcdisent enroll REF... -o {path}")
    tensors = checkpoint.load_tensors(path)
    if tensors.keys() != {"static", "mean", "pitch", "model"} or tensors["pitch"].numel() not in (0, 2):
        raise InputError(f"{path}: holds no voice; make one with: vcdisent enroll REF... -o {path}")
    if bytes(tensors["model"].tolist()) != model:
        raise InputError(f"{path}: was enrolled with another model, whose codes this one cannot read; enroll it again")
    pitch = tensors["pitch"].tolist()
    return Voice(tensors["static"], tensors["mean"], PitchStats(*pitch) if pitch else None)
