"""Recordings of any length: blocks leave no trace in the codes."""

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.conversion.blocks import beginning, posteriors, with_last
from vcdisent.loading import load

RATE, HOP, SEGMENT = 16_000, 160, 10
LENGTHS = [400, 8000, 8001, 12_799, 12_800, 12_801, 16_000, 22_240, 33_333]
"""In samples: less than a block of 0.5 s with its overlap, one, one and a little, several."""


@pytest.fixture(scope="module")
def parts(checkpoint_folder):
    """Features, normaliser and model of a tiny checkpoint, whose segments are of ten frames."""
    converter = load(checkpoint_folder, "cpu", vocoder="griffin_lim")
    assert converter.model.segment_frames == SEGMENT
    return converter.features, converter.normaliser, converter.model


def dynamic_code(pieces):
    dynamics = [posterior.dynamic for posterior, _ in pieces]
    return tuple(np.concatenate([getattr(d, name)[0].numpy() for d in dynamics]) for name in ("mean", "log_variance"))


@pytest.mark.parametrize("num_samples", LENGTHS)
def test_the_dynamic_code_of_blocks_is_that_of_one_pass_everywhere(parts, speech, tmp_path, num_samples):
    wav = speech(1, seconds=2.1)[:num_samples]
    whole, pieced = (list(posteriors(*parts, wav, block_s)) for block_s in (60.0, 0.5))
    assert len(whole) == 1 and len(pieced) == max(1, -(-(num_samples - 3200) // 4800))
    for one, other in zip(dynamic_code(whole), dynamic_code(pieced), strict=True):
        assert one.shape == other.shape == (1 + num_samples // HOP, 4)
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert sum(len(x) for _, x in pieced) == 1 + num_samples // HOP
    audio.write(tmp_path / "a.flac", wav, RATE)
    of_file = dynamic_code(posteriors(*parts, tmp_path / "a.flac", 0.5))
    assert of_file[0].shape == (1 + num_samples // HOP, 4)


def test_a_segment_of_odd_length_too(parts, speech, monkeypatch):
    wav = speech(2, seconds=2)
    monkeypatch.setattr(parts[2], "segment_frames", 13)
    whole, pieced = (dynamic_code(posteriors(*parts, wav, block_s))[0] for block_s in (60.0, 0.37))
    np.testing.assert_allclose(whole, pieced, atol=1e-4)


def test_blocks_of_their_own_would_show(parts, speech):
    """What the overlap is for: without it the codes at the seams are others."""
    wav = speech(1, seconds=1)
    whole = dynamic_code(posteriors(*parts, wav, 60.0))[0]
    halves = [beginning(*parts, half, 60.0).numpy() for half in (wav[:8000], wav[8000:])]
    apart = np.concatenate([halves[0][:-1], halves[1]])
    assert np.abs(apart - whole)[45:56].max() > 100 * 1e-4


def test_the_beginning_is_coded_alone(parts, speech):
    wav = speech(0, seconds=1)
    code = beginning(*parts, wav, 0.4)
    whole = dynamic_code(posteriors(*parts, wav, 60.0))[0]
    assert code.shape == (41, 4)
    np.testing.assert_allclose(code[:25].numpy(), whole[:25], atol=1e-4)
    assert len(beginning(*parts, wav, 5.0)) == 101


@pytest.mark.parametrize("items", [[], [1], [1, 2], [1, 2, 3]])
def test_the_last_is_known(items):
    assert list(with_last(iter(items))) == [(item, item == len(items)) for item in items]
