"""A batch for the objectives."""

import pytest
import torch

from vcdisent.augment.keep_static import Shuffle
from vcdisent.batches import Batch, Keyed

BATCH_SIZE, NUM_FRAMES, NUM_BINS = 5, 8, 12


@pytest.fixture
def batch(keyed: Keyed) -> Batch:
    """Five sequences of 8 frames of 12 bins; the keep-dynamic view is the frames, a little off."""
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(BATCH_SIZE, NUM_FRAMES, NUM_BINS, generator=generator)
    x_dynamic = x + 0.3 * torch.randn(x.shape, generator=generator)
    return Batch(x, Shuffle().order(BATCH_SIZE, NUM_FRAMES, generator), x_dynamic, torch.arange(BATCH_SIZE) % 3, keyed)
