"""Keep-dynamic views that were made beforehand, by `vcdisent views`: read where the segments are."""

from collections import Counter
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from vcdisent.errors import InputError
from vcdisent.features import store

MADE_BY = "views.yaml"
"""In a folder of views: how they were made."""
LEAST_SHARE = 0.5
"""A folder with views of fewer of the utterances is another corpus'."""


SEPARATOR = "@"


def view_id(utterance: str, number: int) -> str:
    """The id of one of an utterance's views: it sorts with the utterance."""
    return f"{utterance}{SEPARATOR}{number}"


class Where(Protocol):
    """Where segments are: their `utterances` (B,) in the corpus, and their first frames `offsets` (B,) in those."""

    utterances: Tensor
    offsets: Tensor


class KeepDynamic(Protocol):
    """A view (B, T, F) that is drawn in training."""

    def __call__(self, frames: Tensor, where: Where, generator: torch.Generator) -> Tensor:
        """The view of `frames` (B, T, F)."""
        ...


class StoredViews:
    """Draws one of the stored conversions of each segment's utterance, anew each time.

    An utterance that could not be converted is its own view, to which `also` is applied like to any other.

    Args:
        folder: What `vcdisent views` has made of the training data.
        also: A view to be drawn of the conversion, such as the channel and the noise of a `SpeakerWarp`.
    """

    def __init__(self, folder: str | Path, also: KeepDynamic | None = None) -> None:
        self.folder, self.also = Path(folder), also

    def bind(self, ids: list[str]) -> None:
        """Finds the views of the utterances `ids`, by whose places in the corpus segments will be asked for.

        Raises:
            InputError: The folder is not there, or not whole, or hardly any of them has a view in it.
        """
        if not (self.folder / MADE_BY).exists():
            raise InputError(f"{self.folder}: holds no views; make them with: vcdisent views DATADIR {self.folder}")
        packed, num_frames, _ = store.read_packed(self.folder)
        self.frames = torch.from_numpy(packed)
        lengths = torch.tensor(list(num_frames.values()))
        firsts = dict(zip(num_frames, (lengths.cumsum(0) - lengths).tolist(), strict=True))
        count = Counter(name.rpartition(SEPARATOR)[0] for name in firsts)
        num_found = sum(utterance in count for utterance in ids)
        if num_found < LEAST_SHARE * len(ids):
            raise InputError(
                f"{self.folder}: holds views of {num_found:,} of the {len(ids):,} utterances to train on; "
                "make them of the same data dir"
            )
        views = [[view_id(utterance, number) for number in range(count[utterance])] for utterance in ids]
        self.num_views = torch.tensor([len(own) for own in views])
        self.lengths = torch.tensor([min((num_frames[name] for name in own), default=0) for own in views])
        self.firsts = torch.zeros(len(ids), int(self.num_views.max()), dtype=torch.long)
        for row, own in zip(self.firsts, views, strict=True):
            row[: len(own)] = torch.tensor([firsts[name] for name in own])

    def __call__(self, frames: Tensor, where: Where, generator: torch.Generator) -> Tensor:
        """The view (B, T, F) of `frames` (B, T, F), neither of them normalised.

        Raises:
            InputError: The views are of other frames than these.
        """
        num_views, num_frames = self.num_views[where.utterances], frames.shape[1]
        has_view = num_views > 0
        too_short = has_view & (where.offsets + num_frames > self.lengths[where.utterances])
        if too_short.any() or frames.shape[2] != self.frames.shape[1]:
            raise InputError(f"{self.folder}: holds views of other frames; make them of the same data and features")
        draws = torch.rand(len(frames), generator=generator, device=generator.device).cpu()
        firsts = self.firsts[where.utterances, (draws * num_views).long()] + where.offsets
        index = (firsts.unsqueeze(1) + torch.arange(num_frames)) * has_view.unsqueeze(1)
        stored = self.frames[index].to(frames)
        view = torch.where(has_view.to(frames.device)[:, None, None], stored, frames)
        return view if self.also is None else self.also(view, where, generator)
