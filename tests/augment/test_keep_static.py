"""Frames in another order."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vcdisent.augment.keep_static import Reverse, Shuffle, ShuffleMirrored, reorder


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=30, deadline=None)
@given(batch_size=st.integers(1, 5), num_frames=st.integers(1, 30), seed=st.integers(0, 1000))
@pytest.mark.parametrize("view", [Shuffle(), Reverse()])
def test_no_frame_is_lost_and_none_comes_twice(
    view: Shuffle | Reverse, batch_size: int, num_frames: int, seed: int
) -> None:
    frames = torch.randn(batch_size, num_frames, 3, generator=generator(seed))
    viewed = reorder(frames, view.order(batch_size, num_frames, generator(seed)))
    for before, after in zip(frames, viewed, strict=True):
        assert sorted(before.tolist()) == sorted(after.tolist())


def test_backwards_twice_is_forwards() -> None:
    frames = torch.randn(2, 7, 3, 2)  # whatever a frame is
    order = Reverse().order(2, 7, generator())
    backwards = reorder(frames, order)
    torch.testing.assert_close(backwards, frames.flip(1))
    torch.testing.assert_close(reorder(backwards, order), frames)


def test_each_sequence_has_an_order_of_its_own_and_a_seed_gives_it_again() -> None:
    order = Shuffle().order(8, 20, generator())
    assert len({tuple(row) for row in order.tolist()}) == 8
    assert tuple(range(20)) not in {tuple(row) for row in order.tolist()}
    torch.testing.assert_close(order, Shuffle().order(8, 20, generator()))
    assert not torch.equal(order, Shuffle().order(8, 20, generator(1)))


def test_every_place_is_as_likely_for_every_frame() -> None:
    order = Shuffle().order(4000, 5, generator())
    share = torch.stack([(order == frame).float().mean(0) for frame in range(5)])
    torch.testing.assert_close(share, torch.full((5, 5), 0.2), atol=0.03, rtol=0)


def test_a_mirrored_view_is_the_shuffled_one_from_behind() -> None:
    frames = torch.randn(3, 6, 2, 4, 5)
    view = ShuffleMirrored().view(frames, generator())
    torch.testing.assert_close(view.flip(-1), reorder(frames, Shuffle().order(3, 6, generator())))
    assert not torch.equal(view, view.flip(-1))
