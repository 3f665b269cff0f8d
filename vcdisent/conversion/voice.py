"""A voice, as conversion needs it, and the file that keeps it for later."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vcdisent.conversion.memory import Memory
from vcdisent.corpora.folder import is_recording
from vcdisent.errors import InputError
from vcdisent.features.pitch import PitchStats, Shift
from vcdisent.features.recording import Recording
from vcdisent.training import checkpoint

SUFFIX = ".safetensors"
Pitch = Literal["auto", "keep"] | float
"""Where the pitch of converted speech goes: where the target's lies, nowhere, or so many semitones up."""


@dataclass(frozen=True)
class Voice:
    """What conversion needs of a voice.

    Attributes:
        static: Its static code (S,).
        memory: Normalised frames in which it speaks, with what they say; None where the model has no code for that.
        pitch: Where its pitch lies; None where none is heard.
        wanted_pitch: Where the pitch of what is converted to it goes.
    """

    static: Tensor
    memory: Memory | None
    pitch: PitchStats | None
    wanted_pitch: Pitch = "auto"

    @property
    def towards(self) -> PitchStats | Shift | None:
        """Where a source's pitch goes, or how far it moves; None leaves it where it is."""
        if self.wanted_pitch == "auto":
            return self.pitch
        return None if self.wanted_pitch == "keep" else Shift(float(self.wanted_pitch))

    @property
    def remembered(self) -> Memory:
        """Frames in which it speaks, which conversion needs.

        Raises:
            InputError: It was measured by a model that does not code what is said.
        """
        if self.memory is None:
            raise InputError("this voice was measured by a speaker network; use a checkpoint with a decoder")
        return self.memory

    def with_pitch(self, pitch: Pitch) -> "Voice":
        """The same voice, with the pitch that is wanted of it."""
        return replace(self, wanted_pitch=pitch)

    def out_of_order(self) -> "Voice":
        """The same voice, its memory not in the order in which it was said: to convert to it needs none."""
        return replace(self, memory=self.memory and self.memory.by_loudness())

    def to(self, device: torch.device) -> "Voice":
        """The same voice on a device."""
        return replace(self, static=self.static.to(device), memory=self.memory and self.memory.to(device))


def check_recordings(recordings: Sequence[Recording]) -> None:
    """That what a voice is to be measured in are recordings.

    Raises:
        InputError: There are none, or one is a folder.
    """
    if not recordings:
        raise InputError("a voice needs at least one recording; none is given")
    for path in recordings:
        if not isinstance(path, np.ndarray) and Path(path).is_dir():
            suffix = next((one.suffix for one in sorted(Path(path).iterdir()) if is_recording(one)), ".wav")
            raise InputError(
                f"{path}: is a folder; name the recordings of the voice one by one ({path}/*{suffix}), or give what "
                "vcdisent enroll made of them"
            )


def is_enrolled(recording: object) -> bool:
    """Whether what is given as a recording is, by its name, a voice that `save_voice` kept."""
    return str(recording).endswith(SUFFIX)


def save_voice(path: Path, voice: Voice, model: bytes) -> None:
    """Keeps a voice under what tells its `model`, which must be one that converts, from others."""
    assert voice.memory is not None  # such a model codes what is said
    tensors = {
        "static": voice.static,
        "dynamic": voice.memory.dynamic,
        "frames": voice.memory.frames,
        "num_heard": torch.tensor(voice.memory.num_heard),
        "pitch": torch.tensor(voice.pitch or (), dtype=torch.float64),
        "model": torch.tensor(list(model), dtype=torch.uint8),
    }
    checkpoint.save_tensors(path, tensors)


def load_voice(path: Path, model: bytes) -> Voice:
    """A voice that `save_voice` kept.

    Raises:
        InputError: There is no such file, it holds something else, or a voice as another model codes it.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such voice; make one with: vcdisent enroll REF... -o {path}")
    tensors = checkpoint.load_tensors(path)
    if not {"static", "pitch", "model"} <= tensors.keys() or tensors["pitch"].numel() not in (0, 2):
        raise InputError(f"{path}: holds no voice; make one with: vcdisent enroll REF... -o {path}")
    if bytes(tensors["model"].tolist()) != model:
        raise InputError(f"{path}: was enrolled with another model, whose codes this one cannot read; enroll it again")
    if not {"dynamic", "frames"} <= tensors.keys():
        raise InputError(f"{path}: was enrolled by an earlier version, which measured less of a voice; enroll it again")
    pitch = tensors["pitch"].tolist()
    if not all(map(math.isfinite, pitch)) or (pitch and pitch[1] <= 0):
        raise InputError(
            f"{path}: is damaged, its pitch is {pitch}; make it again with: vcdisent enroll REF... -o {path}"
        )
    memory = Memory(tensors["dynamic"], tensors["frames"], int(tensors.get("num_heard", torch.tensor(0))))
    return Voice(tensors["static"], memory, PitchStats(*pitch) if pitch else None)
