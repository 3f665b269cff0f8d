"""Pictures of clips: every frame is where it should be, and labels do not lie on them."""

import numpy as np
import pytest

from vcdisent.evaluation.film_strips import (
    LONGEST_LABEL,
    MOST_IN_A_STRIP,
    Panel,
    moving_picture,
    shortened,
    strip_picture,
)


def coloured(values, size=8):
    """A clip whose frames are each of one colour, which no letter has: letters are grey."""
    return np.stack([np.full((size, size, 3), (value, 0, 7), np.uint8) for value in values])


def shown(image, value):
    """Where a frame's colour is."""
    return (image == (value, 0, 7)).all(-1)


def count(image, value):
    return int(shown(image, value).sum())


def test_a_strip_holds_every_frame_once_and_as_large_as_the_others():
    image = strip_picture("title", [Panel("a", coloured([100, 101, 102])), Panel("b", coloured([110, 111]))])
    assert image.dtype == np.uint8 and image.shape[2] == 3
    counts = {value: count(image, value) for value in (100, 101, 102, 110, 111)}
    assert len(set(counts.values())) == 1 and counts[100] >= 64, counts
    rows = {value: np.where(shown(image, value))[0].min() for value in (100, 102, 110, 111)}
    columns = {value: np.where(shown(image, value))[1].min() for value in (100, 102, 110, 111)}
    assert rows[100] == rows[102] < rows[110] == rows[111]
    assert columns[100] == columns[110] < columns[111] < columns[102]


def test_a_long_clip_is_shown_from_its_first_frame_to_its_last():
    image = strip_picture("title", [Panel("a", coloured(range(60, 160)))])
    there = [value for value in range(60, 160) if count(image, value)]
    assert len(there) == MOST_IN_A_STRIP and {60, 159} <= set(there)


def test_labels_stand_before_their_frames_and_the_title_above():
    image = strip_picture("title", [Panel("label", coloured([200, 201]))])
    rows, columns = np.where(shown(image, 200))
    assert (image[rows.min() : rows.max() + 1, : columns.min()] < 100).any()
    assert (image[: rows.min()] < 100).any() and count(image, 200) == count(image, 201)


def test_all_clips_play_and_shorter_ones_again():
    moving = moving_picture("title", [Panel("a", coloured([90, 91, 92])), Panel("b", coloured([95, 96]))], 1)
    assert moving.shape[0] == 3 and moving.shape[3] == 3
    assert [[v for v in (90, 91, 92, 95, 96) if count(frame, v)] for frame in moving] == [[90, 95], [91, 96], [92, 95]]


@pytest.mark.parametrize("num_columns", [1, 2, 3, 4])
def test_no_clip_hides_another(num_columns):
    values = range(80, 85)
    moving = moving_picture("t", [Panel(f"a long label {v}", coloured([v])) for v in values], num_columns)
    assert len({count(moving[0], value) for value in values}) == 1


def test_grey_clips_are_shown_too():
    image = strip_picture("t", [Panel("a", np.full((2, 8, 8, 1), 222, np.uint8))])
    assert (image == 222).all(-1).sum() >= 2 * 64


def test_long_labels_lose_their_middle():
    label = "begins" + "x" * 80 + "ends"
    assert shortened("short") == "short"
    assert len(shortened(label)) == LONGEST_LABEL
    assert shortened(label).startswith("begins") and shortened(label).endswith("ends")
