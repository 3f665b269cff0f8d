"""Frames to batches: segments of a packed corpus and their two views, on the device, keyed by seed and step."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from vcdisent.augment.keep_static import AnotherSegment, ShuffleMirrored
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.features import store

CPU = torch.device("cpu")

SHARE_OF_GPU_MEMORY = 0.5
"""Frames move to the GPU when they take less than this share of its free memory; the rest is for the model."""


@dataclass(frozen=True)
class Where:
    """Where segments are: their `utterances` (B,) in the corpus, and their first frames `offsets` (B,) in those."""

    utterances: Tensor
    offsets: Tensor


class KeepStatic(Protocol):
    """Gives frame orders (B, T) for a keep-static view.

    One that takes other frames has `segments` instead, one that changes them `view`.
    """

    def order(self, batch_size: int, num_frames: int, generator: torch.Generator) -> Tensor:
        """Frame indices (B, T)."""
        ...


class KeepDynamic(Protocol):
    """Gives the keep-dynamic view of frames (B, T, ...) that are not normalised.

    One that was made beforehand has `bind`, which is told the ids of the corpus' utterances.
    """

    def __call__(self, frames: Tensor, where: Where, generator: torch.Generator) -> Tensor:
        """The view (B, T, ...) of the frames that are `where`."""
        ...


class Normaliser(nn.Module):
    """Brings frames to zero mean and unit variance in each bin; travels with the checkpoint."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.float())
        self.register_buffer("std", std.float())

    @property
    def device(self) -> torch.device:
        """Where the statistics are, and so the batches."""
        return self.mean.device

    def forward(self, frames: Tensor) -> Tensor:
        """Normalised frames (..., F)."""
        return (frames - self.mean) / self.std

    def inverse(self, frames: Tensor) -> Tensor:
        """Frames (..., F) from normalised ones."""
        return frames * self.std + self.mean


@dataclass
class FrameBank:
    """All frames of a corpus end to end, in one array.

    Attributes:
        frames: (N, ...) of any type, in memory, memory-mapped, or on the device.
        starts: First frame (U,) of each utterance.
        lengths: Frames (U,) of each utterance.
        speakers: Index (U,) of each utterance's speaker.
        ids: Utterance ids.
    """

    frames: Tensor
    starts: Tensor
    lengths: Tensor
    speakers: Tensor
    ids: list[str]

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "FrameBank":
        """The packed frames of a features folder: on a GPU where they fit, else memory-mapped.

        Raises:
            InputError: The folder is not whole.
        """
        packed, num_frames, speakers = store.read_packed(folder)
        lengths = torch.tensor(list(num_frames.values()))
        numbers = {name: number for number, name in enumerate(sorted(set(speakers.values())))}
        own = torch.tensor([numbers[speakers[utterance]] for utterance in num_frames])
        frames = torch.from_numpy(packed)
        if device.type == "cuda" and packed.nbytes < SHARE_OF_GPU_MEMORY * torch.cuda.mem_get_info(device)[0]:
            frames = frames.to(device)
        return cls(frames, lengths.cumsum(0) - lengths, lengths, own, list(num_frames))

    @property
    def num_speakers(self) -> int:
        """Number of different speakers."""
        return int(self.speakers.max()) + 1

    def amount(self, frame_s: float | None) -> str:
        """How much there is, in words, with frames `frame_s` seconds apart; None for video, which keeps no time."""
        num_frames = int(self.lengths.sum())
        if frame_s is None:
            identities = counted(self.num_speakers, "identity")
            return f"{counted(len(self.ids), 'sequence')}, {identities}, {counted(num_frames, 'frame')}"
        speakers = counted(self.num_speakers, "speaker")
        return f"{counted(len(self.ids), 'utterance')}, {speakers}, {num_frames * frame_s / 3600:.1f} h"

    def segments(self, starts: Tensor, num_frames: int, device: torch.device) -> Tensor:
        """Segments (B, T, ...) in float32 that begin at the frames `starts` (B,)."""
        index = starts.unsqueeze(1) + torch.arange(num_frames, device=starts.device)
        return self.frames[index.to(self.frames.device)].to(device).float()

    def utterance(self, index: int) -> Tensor:
        """All frames (T, ...) of one utterance, in float32."""
        start = int(self.starts[index])
        return self.frames[start : start + int(self.lengths[index])].float()


@dataclass(frozen=True)
class Keyed:
    """Randomness keyed by seed, step and purpose: the same whenever and on however many ranks a step is taken.

    Every rank draws for the whole batch and keeps its own rows, so that a sample's noise does not depend on the ranks.
    """

    seed: int
    step: int
    device: torch.device
    rank: int = 0
    num_ranks: int = 1

    def generator(self, purpose: str, device: torch.device | None = None) -> torch.Generator:
        """A fresh generator for one purpose."""
        key = hashlib.blake2b(f"{self.seed}/{self.step}/{purpose}".encode(), digest_size=7).digest()
        return torch.Generator(device or self.device).manual_seed(int.from_bytes(key))

    def own(self, whole: Tensor) -> Tensor:
        """This rank's rows of a tensor made for the whole batch."""
        return whole.tensor_split(self.num_ranks)[self.rank]

    def normal(self, purpose: str, shape: tuple[int, ...]) -> Tensor:
        """Standard normal noise of this rank's `shape` (B, ...)."""
        whole = (shape[0] * self.num_ranks, *shape[1:])
        return self.own(torch.randn(whole, generator=self.generator(purpose), device=self.device))


@dataclass
class Batch:
    """What one step sees: this rank's share of the batch.

    Attributes:
        x: Normalised frames (B, T, ...).
        order: Frame order (B, T) of the keep-static view, whose frames are those of `x`; None where it has others.
        x_dynamic: Normalised frames (B, T, ...) of the keep-dynamic view.
        speakers: Labels (B,), for the supervised speaker network alone.
        keyed: The step's randomness.
        x_static: Normalised frames (B, T, ...) of a keep-static view that no order gives; else None.
    """

    x: Tensor
    order: Tensor | None
    x_dynamic: Tensor
    speakers: Tensor
    keyed: Keyed
    x_static: Tensor | None = None


class SegmentBatches:
    """Batches of random segments, no utterance twice in a batch.

    Args:
        bank: The packed corpus.
        normaliser: Its statistics.
        keep_static: Draws the frame order of a view, or its segments.
        keep_dynamic: Makes the other view.
        batch_size: Sequences over all ranks.
        num_frames: Frames of a segment.
        seed: Key of all randomness.

    Raises:
        InputError: Fewer utterances of `num_frames` frames than a batch needs, or ranks that cannot share it evenly.
    """

    def __init__(
        self,
        bank: FrameBank,
        normaliser: Normaliser,
        keep_static: KeepStatic | AnotherSegment,
        keep_dynamic: KeepDynamic,
        batch_size: int,
        num_frames: int,
        seed: int,
        rank: int = 0,
        num_ranks: int = 1,
    ) -> None:
        self.bank, self.normaliser = bank, normaliser
        self.keep_static, self.keep_dynamic = keep_static, keep_dynamic
        self.batch_size, self.num_frames, self.seed = batch_size, num_frames, seed
        self.rank, self.num_ranks = rank, num_ranks
        if batch_size % num_ranks:
            raise InputError(
                f"a batch of {batch_size} cannot be shared evenly by {num_ranks} ranks: give a trainer.batch_size that "
                f"{num_ranks} divides"
            )
        if hasattr(keep_dynamic, "bind"):
            keep_dynamic.bind(bank.ids)
        self.long_enough = (bank.lengths >= num_frames).nonzero().squeeze(1)
        if len(self.long_enough) < batch_size:
            raise InputError(
                f"{len(self.long_enough)} of {len(bank.lengths)} utterances have {num_frames} frames or more, and a "
                f"batch needs {batch_size}: give more data, a smaller trainer.batch_size or shorter segments"
            )

    def batch(self, step: int) -> Batch:
        """The batch of `step`: always the same one."""
        keyed = Keyed(self.seed, step, self.normaliser.device, self.rank, self.num_ranks)
        where = self._draw(keyed.generator("segments", CPU))
        frames = self._frames(where)
        view = self.keep_dynamic(frames, where, keyed.generator("keep_dynamic"))
        order, x_static = self._keep_static_view(where, frames, keyed)
        x, x_dynamic = self.normaliser(keyed.own(frames)), self.normaliser(keyed.own(view))
        speakers = self.bank.speakers[where.utterances].to(keyed.device)
        return Batch(x, order, x_dynamic, keyed.own(speakers), keyed, x_static)

    def _draw(self, generator: torch.Generator) -> Where:
        chosen = torch.randperm(len(self.long_enough), generator=generator)[: self.batch_size]
        utterances = self.long_enough[chosen]
        room = self.bank.lengths[utterances] - self.num_frames + 1
        offsets = (torch.rand(self.batch_size, generator=generator, dtype=torch.float64) * room).long()
        return Where(utterances, offsets)

    def _frames(self, where: Where) -> Tensor:
        starts = self.bank.starts[where.utterances] + where.offsets
        return self.bank.segments(starts, self.num_frames, self.normaliser.device)

    def _keep_static_view(self, where: Where, frames: Tensor, keyed: Keyed) -> tuple[Tensor | None, Tensor | None]:
        """The order of the view of `frames` (B, T, ...), or its normalised frames."""
        if isinstance(self.keep_static, AnotherSegment):
            generator = keyed.generator("keep_static", CPU)
            chosen = self.keep_static.segments(where.utterances, self.bank, self.num_frames, generator)
            return None, self.normaliser(keyed.own(self._frames(Where(*chosen))))
        if isinstance(self.keep_static, ShuffleMirrored):
            return None, self.normaliser(keyed.own(self.keep_static.view(frames, keyed.generator("keep_static"))))
        order = self.keep_static.order(self.batch_size, self.num_frames, keyed.generator("keep_static"))
        return keyed.own(order), None
