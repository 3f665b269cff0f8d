"""Keep-static views: the same frames in another order (the paper's content augmentation, section 2.3), or others."""

from typing import Literal, Protocol

import torch
from torch import Tensor

from vcdisent.errors import InputError


class Corpus(Protocol):
    """Lengths in frames (U,) and speakers (U,) of all utterances."""

    lengths: Tensor
    speakers: Tensor


class Shuffle:
    """Puts the frames of each sequence in an order of its own."""

    def order(self, batch_size: int, num_frames: int, generator: torch.Generator) -> Tensor:
        """Frame indices (B, T) of the view."""
        noise = torch.rand(batch_size, num_frames, generator=generator, device=generator.device)
        return noise.argsort(dim=1)


class Reverse:
    """Runs time backwards."""

    def order(self, batch_size: int, num_frames: int, generator: torch.Generator) -> Tensor:
        """Frame indices (B, T) of the view."""
        backwards = torch.arange(num_frames - 1, -1, -1, device=generator.device)
        return backwards.expand(batch_size, num_frames)


class ShuffleMirrored(Shuffle):
    """Puts the frames of each sequence in an order of its own and shows them in a mirror: for video.

    Which way a figure faces stays all through a sequence, and so a view by order alone has s tell it. This one leaves
    that to z, where turning round is part of moving.
    """

    def view(self, frames: Tensor, generator: torch.Generator) -> Tensor:
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W)."""
        return reorder(frames, self.order(frames.shape[0], frames.shape[1], generator)).flip(-1)


class AnotherSegment:
    """Takes other frames that share what stays: of the same utterance, or, with a label, of the same speaker.

    Args:
        of: `utterance` draws another segment of the same recording, which needs no label; `speaker` a segment of any
            recording of the speaker, which is weak supervision.

    Raises:
        InputError: `of` is neither.
    """

    def __init__(self, of: Literal["utterance", "speaker"] = "utterance") -> None:
        if of not in ("utterance", "speaker"):
            raise InputError(f"configuration: AnotherSegment takes of=utterance or of=speaker, not {of!r}")
        self.of = of

    def segments(
        self, utterances: Tensor, corpus: Corpus, num_frames: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Utterances (B,) and first frames within them (B,) of the view of segments of `utterances` (B,)."""
        if self.of == "speaker":
            utterances = another_of_the_speaker(utterances, corpus, num_frames, generator)
        room = corpus.lengths[utterances] - num_frames + 1
        offsets = (torch.rand(len(utterances), generator=generator, dtype=torch.float64) * room).long()
        return utterances, offsets


def another_of_the_speaker(utterances: Tensor, corpus: Corpus, num_frames: int, generator: torch.Generator) -> Tensor:
    """For each of `utterances` (B,), one of its speaker's that has `num_frames` frames: itself where it is the only."""
    long_enough = corpus.lengths >= num_frames
    candidates = (corpus.speakers[utterances].unsqueeze(1) == corpus.speakers) & long_enough
    alone = candidates.sum(1) == 1
    itself = torch.arange(len(corpus.lengths)) == utterances.unsqueeze(1)
    candidates = candidates & (~itself | alone.unsqueeze(1))
    return torch.multinomial(candidates.double(), 1, generator=generator).squeeze(1)


def reorder(frames: Tensor, order: Tensor) -> Tensor:
    """Frames (B, T, ...) in the order (B, T) that a view gives: works on inputs and on codes of frames alike."""
    return frames[torch.arange(len(frames), device=frames.device).unsqueeze(1), order]
