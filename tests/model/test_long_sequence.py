"""Recordings of any length through a model that reads short segments."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from vcdisent.model import long_sequence
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.long_sequence import encode_long, nearest_segment, segment_starts
from vcdisent.model.sequence_vae import Posterior, SequenceVAE

LONG = st.integers(1, 40).flatmap(lambda length: st.tuples(st.just(length), st.integers(length, 300)))


class StaticOnly(nn.Module):
    """Codes a segment by its mean, as a speaker network would."""

    segment_frames = 4

    def encode(self, x: Tensor) -> Posterior:
        """Mean over time."""
        return Posterior(Gaussian(x.mean(1), torch.full_like(x.mean(1), -torch.inf)), None)


def frames(num_frames: int) -> Tensor:
    return torch.randn(num_frames, 12, generator=torch.Generator().manual_seed(2))


@settings(max_examples=100, deadline=None)
@given(LONG)
def test_segments_overlap_by_half_and_end_with_the_sequence(sizes: tuple[int, int]) -> None:
    length, num_frames = sizes
    starts = segment_starts(num_frames, length)
    assert starts[0] == 0
    assert starts[-1] == num_frames - length
    hops = starts.diff()
    assert (hops[:-1] == max(length // 2, 1)).all()
    assert ((hops > 0) & (hops <= max(length // 2, 1))).all()


@settings(max_examples=100, deadline=None)
@given(LONG)
def test_each_frame_comes_from_a_segment_that_holds_it_well_inside(sizes: tuple[int, int]) -> None:
    length, num_frames = sizes
    starts = segment_starts(num_frames, length)
    offset = torch.arange(num_frames) - starts[nearest_segment(num_frames, starts, length)]
    assert ((offset >= 0) & (offset < length)).all()
    inner = offset[length:-length]  # away from the ends of the sequence
    assert ((inner >= (length - 2) // 4) & (inner <= length - 1 - (length - 2) // 4)).all()


@pytest.mark.parametrize("num_frames", [1, 5, 8])
def test_a_short_sequence_is_encoded_as_it_is(make_model: Callable[..., SequenceVAE], num_frames: int) -> None:
    model, x = make_model(), frames(num_frames)
    short, whole = encode_long(model, x), model.encode(x.unsqueeze(0))
    for name in ("static", "dynamic"):
        torch.testing.assert_close(getattr(short, name).mean, getattr(whole, name).mean)
        torch.testing.assert_close(getattr(short, name).log_variance, getattr(whole, name).log_variance)


@pytest.mark.parametrize("segments_at_once", [256, 2])
def test_codes_of_a_long_sequence_are_those_of_its_segments(
    make_model: Callable[..., SequenceVAE], monkeypatch: pytest.MonkeyPatch, segments_at_once: int
) -> None:
    monkeypatch.setattr(long_sequence, "SEGMENTS_AT_ONCE", segments_at_once)
    model, x = make_model(), frames(22)
    starts = [0, 4, 8, 12, 14]  # segments of 8 frames
    alone = [model.encode(x[start : start + 8].unsqueeze(0)) for start in starts]
    whole = encode_long(model, x)
    assert whole.dynamic.mean.shape == whole.dynamic.log_variance.shape == (1, 22, 4)
    assert not whole.dynamic.mean.requires_grad
    for name in ("mean", "log_variance"):
        of_segments = torch.cat([getattr(posterior.static, name) for posterior in alone])
        torch.testing.assert_close(getattr(whole.static, name), of_segments.mean(0, keepdim=True))
        for frame, segment in {0: 0, 5: 0, 6: 1, 9: 1, 10: 2, 13: 2, 14: 3, 18: 4, 21: 4}.items():
            expected = getattr(alone[segment].dynamic, name)[0, frame - starts[segment]]
            torch.testing.assert_close(getattr(whole.dynamic, name)[0, frame], expected)


def test_a_model_without_a_dynamic_half_has_a_static_code() -> None:
    x = frames(10)
    posterior = encode_long(StaticOnly(), x)
    assert posterior.dynamic is None
    of_segments = torch.stack([x[start : start + 4].mean(0) for start in (0, 2, 4, 6)])
    torch.testing.assert_close(posterior.static.mean[0], of_segments.mean(0))
    assert (posterior.static.log_variance == -torch.inf).all()
