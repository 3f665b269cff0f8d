"""The smooth part of a log spectrum."""

import math

import pytest
import torch

from vcdisent.features.cepstrum import smoothing


@pytest.mark.parametrize("num_cepstra", [1, 30, 100])
def test_smoothing_is_a_projection(num_cepstra: int) -> None:
    projection = smoothing(100, num_cepstra)
    torch.testing.assert_close(projection @ projection, projection, atol=1e-5, rtol=0)
    torch.testing.assert_close(projection, projection.T)
    assert projection.trace() == pytest.approx(num_cepstra, rel=1e-4)
    flat = torch.ones(1, 100)
    torch.testing.assert_close(flat @ projection, flat, atol=1e-5, rtol=0)


def test_smoothing_keeps_formants_and_lets_go_of_harmonics() -> None:
    position = (torch.arange(200) + 0.5) / 200
    formants, harmonics = (torch.cos(math.pi * order * position) for order in (5, 80))
    torch.testing.assert_close((formants + harmonics) @ smoothing(200, 30), formants, atol=1e-4, rtol=0)
