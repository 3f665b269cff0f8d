"""Views of video: drawn once a sequence, alike for all its frames, and each does what its name says."""

import colorsys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vcdisent.augment.keep_dynamic_video import (
    Chain,
    ColourDistortion,
    CropResize,
    GaussianBlur,
    Noise,
    Stretch,
    by_rows_and_columns,
    hue_turns,
    resampling,
)

VIEWS = {
    "crop": CropResize(),
    "stretch": Stretch(),
    "blur": GaussianBlur(),
    "colour": ColourDistortion(),
    "chain": Chain([Stretch(), ColourDistortion(), GaussianBlur()]),
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def still(batch_size=6, num_frames=3, num_channels=3, height=12, width=16):
    """Sequences (B, T, C, H, W) that are all the same one, of one and the same frame."""
    frame = 255 * torch.rand(num_channels, height, width, generator=generator(9))
    return frame.expand(batch_size, num_frames, -1, -1, -1)


@pytest.mark.parametrize("num_channels", [1, 3])
@pytest.mark.parametrize("name", VIEWS)
def test_one_draw_holds_for_all_frames_of_a_sequence_and_for_no_other(name, num_channels):
    frames = still(num_channels=num_channels)
    view = VIEWS[name](frames, None, generator())
    assert view.shape == frames.shape and view.dtype == torch.float32
    assert view.min() >= 0 and view.max() <= 255.001
    torch.testing.assert_close(view, view[:, :1].expand_as(view))
    assert all(not torch.allclose(view[i, 0], view[j, 0], atol=0.5) for i in range(6) for j in range(i))
    assert torch.equal(view, VIEWS[name](frames, None, generator()))
    assert not torch.allclose(view, VIEWS[name](frames, None, generator(1)), atol=0.5)


@pytest.mark.parametrize(
    "view",
    [
        *(CropResize((1.0, 1.0), 1.0), Stretch(1.0), GaussianBlur((0.01, 0.01)), Noise(0.0)),
        *(ColourDistortion(0.0, 0.0, 0.0, 0.0, 0.0), Chain([])),
    ],
    ids=lambda view: type(view).__name__,
)
def test_nothing_to_change_changes_nothing(view):
    torch.testing.assert_close(view(still(), None, generator()), still(), atol=1e-2, rtol=0)


def test_a_crop_is_a_part_of_the_frame_in_full_size():
    ramp = torch.arange(32.0).expand(200, 1, 1, 32, 32)
    view = CropResize((0.25, 0.25), 1.0)(ramp, None, generator())[:, 0, 0]
    seen = view[:, 0, -1] - view[:, 0, 0]
    torch.testing.assert_close(seen, torch.full((200,), 15.5), atol=0.3, rtol=0)  # half of the side
    assert view[:, 0, 0].min() < 1 and view[:, 0, -1].max() > 30, "from edge to edge"
    torch.testing.assert_close(view[:, 0], view[:, -1])


def test_a_stretch_keeps_the_middle_and_puts_black_around():
    white = torch.full((100, 1, 1, 32, 32), 255.0)
    view = Stretch(2.0)(white, None, generator())[:, 0, 0]
    width, height = ((view.sum(axis) > 0).sum(1) for axis in (1, 2))
    assert width.min() < 20 and (width == 32).any() and not torch.equal(width, height)
    assert (view[:, 15:17, 15:17] == 255).all()
    torch.testing.assert_close(view, view.flip(1, 2), atol=1e-2, rtol=0)


@settings(max_examples=25, deadline=None)
@given(start=st.floats(0, 8), span=st.floats(2, 12))
def test_resampling_interpolates_linearly(start, span):
    matrix = resampling(torch.tensor([start]), torch.tensor([span]), 20)[0]
    torch.testing.assert_close(matrix.sum(1), torch.ones(20), atol=1e-4, rtol=0)
    position = start + (torch.arange(20) + 0.5) * span / 20 - 0.5
    expected = (3 * position + 1).clamp(1.0, 58.0)
    torch.testing.assert_close(matrix @ (3 * torch.arange(20.0) + 1), expected, atol=1e-3, rtol=0)


def test_rows_and_columns_are_mapped_apart():
    frames = torch.rand(2, 3, 1, 4, 5)
    rows, columns = torch.rand(2, 4, 4), torch.rand(2, 5, 5)
    expected = torch.einsum("bij,btcjk,blk->btcil", rows, frames, columns)
    torch.testing.assert_close(by_rows_and_columns(frames, rows, columns), expected)


def test_a_blur_spreads_a_point_and_keeps_its_light():
    point = torch.zeros(50, 1, 1, 33, 33)
    point[..., 16, 16] = 255.0
    view = GaussianBlur((0.5, 2.0))(point, None, generator())[:, 0, 0]
    torch.testing.assert_close(view.sum((1, 2)), torch.full((50,), 255.0))
    spread = ((torch.arange(33) - 16.0).square() @ view.sum(1).T / 255).sqrt()
    assert spread.min() < 0.8 and 1.6 < spread.max() < 2.1


def test_noise_has_its_own_level_in_each_sequence():
    grey = torch.full((40, 4, 3, 16, 16), 128.0)
    view = Noise(20.0)(grey, None, generator())
    levels = (view - grey).flatten(1).std(1)
    assert levels.min() < 4 and 15 < levels.max() < 21
    assert not torch.equal(view[:, 0], view[:, 1]), "every frame has noise of its own"


def test_hues_turn_as_on_the_colour_circle():
    third = hue_turns(torch.tensor([1 / 3]))[0]
    torch.testing.assert_close(third @ torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0]), atol=1e-6, rtol=0)
    torch.testing.assert_close(third @ torch.ones(3), torch.ones(3))
    red = torch.tensor([200.0, 40.0, 40.0]).view(1, 1, 3, 1, 1).expand(300, 1, 3, 2, 2)
    view = ColourDistortion(0.0, 0.0, 0.0, 0.5, 0.0)(red, None, generator())
    hues = [colorsys.rgb_to_hsv(*colour)[0] for colour in (view[:, 0, :, 0, 0] / 255).tolist()]
    assert {int(6 * hue) for hue in hues} == set(range(6))


def test_some_sequences_lose_their_colours():
    view = ColourDistortion(grey=0.3)(still(batch_size=300), None, generator())
    is_grey = (view - view.mean(2, keepdim=True)).abs().flatten(1).max(1).values < 1e-2
    assert 60 < int(is_grey.sum()) < 120


def test_brightness_and_contrast_of_grey_frames():
    frames = still(batch_size=200, num_channels=1) / 2
    means = ColourDistortion(0.5, 0.0)(frames, None, generator()).mean((1, 2, 3, 4)) / frames[0].mean()
    assert 0.5 <= means.min() < 0.55 and 1.45 < means.max() <= 1.51
    frames = frames / 2 + 64  # where nothing is cut off
    view = ColourDistortion(0.0, 0.5)(frames, None, generator())
    torch.testing.assert_close(view.mean((1, 2, 3, 4)), frames.mean((1, 2, 3, 4)))
    shares = view.flatten(1).std(1) / frames[0].std()
    assert shares.min() < 0.55 and shares.max() > 1.4


def test_a_blur_of_no_width_changes_nothing():
    frames = still()
    torch.testing.assert_close(GaussianBlur((0.0, 0.0))(frames, None, generator()), frames)
