"""Views that were made beforehand are found where the segments are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vcdisent.atomic import write_text
from vcdisent.augment.stored_views import MADE_BY, StoredViews, view_id
from vcdisent.errors import InputError
from vcdisent.features import store

LENGTHS, NUM_VIEWS = {"a-1": 9, "a-2": 6, "b-1": 7}, 3


@dataclass
class Where:
    utterances: Tensor
    offsets: Tensor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three views of each utterance; a frame's values are its utterance, its view and its place."""
    matrices = {
        view_id(name, number): np.stack([np.full(n, u), np.full(n, number), np.arange(n)], 1).astype(np.float32)
        for u, (name, n) in enumerate(LENGTHS.items())
        for number in range(NUM_VIEWS)
    }
    store.pack(tmp_path, matrices, {name: len(m) for name, m in matrices.items()}, dict.fromkeys(matrices, "x"))
    write_text(tmp_path / store.SETTINGS, "kind: LogMagnitude\n")
    write_text(tmp_path / MADE_BY, "method: world\n")
    return tmp_path


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def where(utterances: list[int], offsets: list[int]) -> Where:
    return Where(torch.tensor(utterances), torch.tensor(offsets))


def test_a_view_is_of_the_utterance_and_the_frames_that_are_asked_for(folder: Path) -> None:
    views = StoredViews(folder)
    views.bind(["b-1", "a-1", "a-2"])  # the corpus has an order of its own
    seen = set()
    for seed in range(30):
        view = views(torch.zeros(3, 4, 3), where([0, 1, 2], [3, 5, 2]), generator(seed))
        assert view.dtype == torch.float32
        assert view[:, :, 0].tolist() == [[2.0] * 4, [0.0] * 4, [1.0] * 4]
        assert view[:, :, 2].tolist() == [[3, 4, 5, 6], [5, 6, 7, 8], [2, 3, 4, 5]]
        assert (view[:, :, 1] == view[:, :1, 1]).all(), "all of a segment is in one voice"
        seen |= {tuple(view[:, 0, 1].int().tolist())}
    assert len(seen) > 10, "each sequence draws a conversion of its own"
    assert {draw for draws in seen for draw in draws} == {0, 1, 2}


def test_a_seed_draws_the_same_again(folder: Path) -> None:
    views = StoredViews(folder)
    views.bind(list(LENGTHS))
    first, again = (views(torch.zeros(3, 4, 3), where([0, 1, 2], [0, 0, 0]), generator(5)) for _ in range(2))
    assert torch.equal(first, again)


def test_an_utterance_without_views_is_its_own(folder: Path) -> None:
    views = StoredViews(folder)
    views.bind(["a-1", "unheard", "b-1"])
    frames = torch.full((2, 4, 3), 50.0)
    view = views(frames, where([1, 2], [10_000, 0]), generator())
    assert torch.equal(view[0], frames[0])
    assert view[1, 0, 0] == 2


def test_what_else_is_drawn_is_drawn_of_the_conversion(folder: Path) -> None:
    def also(frames: Tensor, there: Where, own: torch.Generator) -> Tensor:
        assert there.offsets.tolist() == [2]
        return frames + torch.rand((), generator=own)

    bare, more = StoredViews(folder), StoredViews(folder, also)
    for views in (bare, more):
        views.bind(list(LENGTHS))
    at, frames = where([0], [2]), torch.zeros(1, 4, 3)
    difference = more(frames, at, generator()) - bare(frames, at, generator())
    assert difference.min() > 0 and torch.allclose(difference, difference[0, 0, 0].expand_as(difference))


def test_views_of_another_corpus_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"holds views of 1 of the 3 utterances to train on; make them of"):
        StoredViews(folder).bind(["a-1", "c-1", "c-2"])


@pytest.mark.parametrize(("num_frames", "num_bins"), [(7, 3), (4, 5)])
def test_views_of_other_frames_are_refused(folder: Path, num_frames: int, num_bins: int) -> None:
    views = StoredViews(folder)
    views.bind(list(LENGTHS))
    with pytest.raises(InputError, match=r"holds views of other frames; make them of the same data and features$"):
        views(torch.zeros(1, num_frames, num_bins), where([1], [0]), generator())


def test_a_folder_without_views_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train_world: holds no views; make them with: vcdisent views DATADIR "):
        StoredViews(tmp_path / "train_world").bind(["a-1"])
