"""Rows averaged over time."""

import numpy as np
import pytest
import torch

from vcdisent.features.averaging import averaged


@pytest.mark.parametrize("num_frames", [2, 8.0, 15])
def test_it_is_a_hann_window_whose_ends_go_on(num_frames):
    x = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    reach = int(num_frames) // 2
    window = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(x.numpy(), ((reach, reach), (0, 0)), mode="edge")
    wanted = sum(w * padded[i : i + 30] for i, w in enumerate(window / window.sum()))
    torch.testing.assert_close(averaged(x, num_frames), torch.from_numpy(wanted).float())


@pytest.mark.parametrize("num_frames", [0, 0.4, 1])
def test_over_less_than_two_frames_all_stays(num_frames):
    x = torch.randn(5, 2)
    assert averaged(x, num_frames) is x


def test_one_frame_stays():
    x = torch.randn(1, 3)
    torch.testing.assert_close(averaged(x, 15), x)
