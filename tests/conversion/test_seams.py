"""Pieces of a long recording are joined to one, without a seam and in bounded memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcdisent import audio
from vcdisent.conversion.seams import FADE_S, at_rate, join, quietest
from vcdisent.features.recording import blocks_of


def noise(num_samples, seed=0):
    return np.random.default_rng(seed).standard_normal(num_samples).astype(np.float32)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 3000), st.integers(2, 700), st.data(), st.sampled_from([50, 1000, 16_000]))
def test_overlapping_slices_of_one_signal_give_it_back(num_samples, size, data, sample_rate):
    overlap = data.draw(st.integers(0, size - 1))
    wav = noise(num_samples)
    pieces = list(blocks_of(wav, 1, size, overlap))
    joined = np.concatenate(list(join(pieces, overlap, sample_rate)))
    assert joined.dtype == np.float32 and len(joined) == num_samples
    np.testing.assert_allclose(joined, wav, rtol=1e-5, atol=1e-5)  # of nearly all shared, each fade rounds once more


@pytest.mark.parametrize("num_samples", [0, 1, 99, 100, 101])
def test_a_single_piece_is_left_as_it_is(num_samples):
    np.testing.assert_array_equal(np.concatenate(list(join([noise(num_samples)], 100, 1000))), noise(num_samples))


def test_nothing_gives_nothing():
    assert sum(map(len, join([], 100, 1000))) == 0


def test_no_more_than_the_overlap_is_held_back():
    size, overlap, fed = 500, 100, [0]

    def pieces():
        for block in blocks_of(noise(20_000), 1, size, overlap):
            fed[0] += len(block) - (overlap if fed[0] else 0)
            yield block

    given_out = 0
    for part in join(pieces(), overlap, 1000):
        given_out += len(part)
        assert fed[0] - given_out <= overlap and len(part) <= size
    assert given_out == 20_000


def test_pieces_that_disagree_are_faded_at_the_quietest_place_and_nowhere_else():
    sample_rate, overlap = 1000, 200
    fade = round(FADE_S * sample_rate)
    before, after = noise(600, seed=1), noise(600, seed=2)
    before[400 + 70 : 400 + 110] *= 0.01
    after[70:110] *= 0.01
    joined = np.concatenate(list(join([before, after], overlap, sample_rate)))
    assert len(joined) == 1000
    start = quietest(before[400:], after[:overlap], fade)
    assert 70 <= start <= 110 - fade
    np.testing.assert_array_equal(joined[: 400 + start], before[: 400 + start])
    np.testing.assert_array_equal(joined[400 + start + fade :], after[start + fade :])
    between = joined[400 + start : 400 + start + fade]
    low, high = np.sort([before[400 + start :][:fade], after[start:][:fade]], axis=0)
    assert (low - 1e-6 <= between).all() and (between <= high + 1e-6).all()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.integers(0, 12), st.randoms())
def test_the_quietest_place_is_that_of_least_energy(values, width, random):
    before = np.array(values, np.float32)
    after = np.array(random.sample(values, len(values)), np.float32)
    start = quietest(before, after, width)
    if 0 < width < len(values):
        energies = [
            np.square(before[s : s + width]).sum() + np.square(after[s : s + width]).sum()
            for s in range(len(values) - width + 1)
        ]
        assert energies[start] == min(energies)
    else:
        assert start == 0


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("num_more", range(6))
def test_what_was_made_of_a_source_is_exactly_as_long(tmp_path, rate, num_more):
    """Also where so little comes in at a time that the last pieces are all too many."""
    audio.write(tmp_path / "a.wav", 0.1 * noise(rate + num_more).clip(-5, 5), rate)
    copy = audio.read(tmp_path / "a.wav", 16_000)[0]
    for size in (1_000, 16_000, 99_999):
        pieces = [copy[start : start + size] for start in range(0, len(copy), size)]
        got = np.concatenate(list(at_rate(pieces, 16_000, rate, tmp_path / "a.wav")))
        assert len(got) == rate + num_more and got.dtype == np.float32
    assert sum(map(len, at_rate(pieces, 16_000, rate, copy))) == round(len(copy) * rate / 16_000)
    audio.write(tmp_path / "a.wav", 0.1 * noise(rate + 9).clip(-5, 5), rate)
    assert sum(map(len, at_rate([copy], 16_000, rate, tmp_path / "a.wav"))) == rate + 9, (
        "what falls short is filled with silence"
    )
