"""Clips through a model: swaps, samples, ways from one to another."""

import numpy as np
import pytest

from vcdisent.conversion import video_model
from vcdisent.errors import InputError
from vcdisent.loading import load_video


@pytest.fixture
def model(video_folder):
    return load_video(video_folder, "cpu")


def test_a_swap_with_itself_is_a_reconstruction(model, clip):
    own = clip("red", "left")
    rebuilt = model.reconstruct(own)
    assert rebuilt.shape == own.shape and rebuilt.dtype == np.uint8
    assert all(np.array_equal(made, rebuilt) for made in model.swap(own, own))


def test_a_swap_takes_each_half_from_where_it_says(model, clip):
    a, b = clip("red", "left"), clip("blue", "right")[:5]
    (s_a, z_a), (s_b, z_b) = model.encode(a), model.encode(b)
    z_of_a, z_of_b = model.swap(a, b)
    assert np.array_equal(z_of_a, model.decode(s_b, z_a)) and np.array_equal(z_of_b, model.decode(s_a, z_b))
    assert len(z_of_a) == 8 and len(z_of_b) == 5


def test_samples_are_keyed_by_seed_and_number(model):
    first, again, more = model.generate(2, seed=3), model.generate(2, seed=3), model.generate(3, seed=3)
    assert all(map(np.array_equal, first, again)) and all(map(np.array_equal, first, more))
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], model.generate(1, seed=4)[0])
    assert len(first[0]) == model.model.segment_frames and len(model.generate(1, 11)[0]) == 11


def codes_of(monkeypatch, model, **request):
    """Codes that samples were decoded from."""
    seen = []
    monkeypatch.setattr(model, "decode", lambda static, dynamic: seen.append((static.tolist(), dynamic.tolist())))
    model.generate(3, **request)
    static, dynamic = zip(*seen, strict=True)
    return len(set(map(str, static))), len(set(map(str, dynamic))), static[0], dynamic[0]


def test_a_half_is_fixed_by_a_clip_or_from_the_prior(monkeypatch, model, clip):
    own = clip("green", "right")
    s, z = (code.tolist() for code in model.encode(own))
    assert codes_of(monkeypatch, model)[:2] == (3, 3)
    assert codes_of(monkeypatch, model, fix="static")[:2] == (1, 3)
    assert codes_of(monkeypatch, model, fix="dynamic")[:2] == (3, 1)
    num_static, num_dynamic, static, _ = codes_of(monkeypatch, model, static=own)
    assert (num_static, num_dynamic, static) == (1, 3, s)
    num_static, num_dynamic, _, dynamic = codes_of(monkeypatch, model, dynamic=own, fix="dynamic")
    assert (num_static, num_dynamic, dynamic) == (3, 1, z)


def test_a_way_begins_and_ends_at_the_clips(model, clip):
    a, b = clip("red", "left"), clip("blue", "right")[:6]
    grid = model.traverse(a, b, 3)
    assert len(grid) == 3 and all(len(row) == 3 and all(len(made) == 6 for made in row) for row in grid)
    (s_a, z_a), (s_b, z_b) = model.encode(a), model.encode(b)
    assert np.array_equal(grid[0][0], model.decode(s_a, z_a[:6]))
    assert np.array_equal(grid[2][2], model.decode(s_b, z_b))
    assert np.array_equal(grid[2][0], model.decode(s_b, z_a[:6])), "rows are steps of s"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"num": 0}, "1 to 100"),
        ({"num": 101}, "1 to 100"),
        ({"num_frames": 0}, "1 to"),
        ({"num": 2, "num_frames": 501}, "1 to 500"),
        ({"static": True, "dynamic": True}, "vcdisent swap"),
        ({"static": True, "fix": "dynamic"}, "alike"),
        ({"dynamic": True, "num_frames": 3}, "how long"),
    ],
)
def test_what_makes_no_sense_is_refused(model, clip, request_, words):
    given = {name: clip("red", "left") if value is True else value for name, value in request_.items()}
    with pytest.raises(InputError, match=words):
        model.generate(**given)


def test_clips_of_another_size_and_endless_ones_are_refused(model, clip, monkeypatch):
    with pytest.raises(InputError, match="16x32x3"):
        model.reconstruct(clip("red", "left")[:, :16])
    monkeypatch.setattr(video_model, "MOST_FRAMES", 7)
    with pytest.raises(InputError, match="8 frames"):
        model.reconstruct(clip("red", "left"))
    with pytest.raises(InputError, match="2 to 12"):
        model.traverse(clip("red", "left")[:4], clip("red", "left")[:4], 1)
