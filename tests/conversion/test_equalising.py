"""One distribution brought to another, bin by bin."""

import numpy as np
import torch

from vcdisent.conversion.equalising import Equaliser, interpolated, levels


def test_lines_between_known_places_are_those_of_numpy():
    generator = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(50, 4, generator=generator)
    places = torch.randn(7, 4, generator=generator).sort(0).values
    values = torch.randn(7, 4, generator=generator)
    wanted = [np.interp(x[:, f].numpy(), places[:, f].numpy(), values[:, f].numpy()) for f in range(4)]
    torch.testing.assert_close(interpolated(x, places, values), torch.from_numpy(np.stack(wanted, 1)).float())


def test_a_bin_that_never_moves_is_no_trouble():
    x = torch.zeros(20, 3)
    moved = Equaliser.between(x, levels(torch.ones(20, 3)))(x, 1.0, 1.0)
    torch.testing.assert_close(moved, torch.ones(20, 3))


def test_frames_of_the_same_distribution_stay():
    x = torch.randn(2000, 3, generator=torch.Generator().manual_seed(0))
    assert Equaliser.between(x, levels(x))(x, 1.0, 1.0).abs().max() < 1e-6


def test_order_within_a_bin_is_kept():
    """What was louder stays louder: a mapping never turns back."""
    x = torch.randn(500, 1, generator=torch.Generator().manual_seed(0)).sort(0).values
    y = torch.randn(500, 1, generator=torch.Generator().manual_seed(1)) ** 3
    assert (x + Equaliser.between(x, levels(y))(x, 1.0, 1.0)).diff(dim=0).min() > -1e-5
