"""Another speaker for each sequence of WORLD's frames, part by part."""

import math

import pytest
import torch
from torch import Tensor

from vcdisent.augment.keep_dynamic_audio import SpeakerWarp
from vcdisent.augment.keep_dynamic_world import WorldWarp
from vcdisent.features.world import World

NUM_BANDS = 60
PLAIN = {"tract": 1.0, "pitch": 1.0, "tilt_db": 0.0, "shape_db": 0.0, "gain_db": 0.0, "noise_db": None}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def frames(batch_size: int = 3) -> Tensor:
    """Frames (B, 8, 62), half of them voiced."""
    f0_hz = torch.tensor([0.0, 0, 100, 110, 120, 130, 0, 0]).expand(batch_size, 8).unsqueeze(2)
    rest = torch.randn(batch_size, 8, NUM_BANDS, generator=generator(9))
    return torch.cat([f0_hz, rest, torch.where(f0_hz > 0, -10.0, 0.0)], dim=2)


def warp(pitch: float = 1.0, aperiodicity_db: float = 0.0, **envelope: float) -> WorldWarp:
    return WorldWarp(SpeakerWarp(**{**PLAIN, "num_cepstra": NUM_BANDS, **envelope}), NUM_BANDS, pitch, aperiodicity_db)


def test_nothing_drawn_changes_nothing() -> None:
    torch.testing.assert_close(warp()(frames(), None, generator()), frames(), atol=1e-5, rtol=0)


def test_pitch_is_multiplied_and_unvoiced_frames_stay_so() -> None:
    view = warp(pitch=1.8)(frames(), None, generator())
    factors = view[:, 2:6, 0] / frames()[:, 2:6, 0]
    torch.testing.assert_close(factors, factors[:, :1].expand_as(factors))
    assert len(factors[:, 0].unique()) == 3 and (factors.log().abs() <= math.log(1.8)).all()
    assert (view[:, [0, 1, 6, 7], 0] == 0).all()
    torch.testing.assert_close(view[..., 1:], frames()[..., 1:], atol=1e-5, rtol=0)


def test_the_envelope_alone_has_another_tract() -> None:
    view = warp(tract=1.3)(frames(), None, generator())
    assert (view[..., 1:61] - frames()[..., 1:61]).abs().amax(dim=(1, 2)).min() > 0.1
    torch.testing.assert_close(view[..., [0, 61]], frames()[..., [0, 61]])


def test_aperiodicity_is_moved_for_a_whole_sequence_and_stays_below_noise() -> None:
    view = warp(aperiodicity_db=30.0)(frames(8), None, generator())[..., 61]
    voiced = view[:, 2:6]
    assert (view <= 0).all() and len(voiced.unique()) > 3
    torch.testing.assert_close(voiced, voiced[:, :1].expand_as(voiced))
    assert (view[:, [0, 1, 6, 7]] == 0).all(), "what is unvoiced is all noise"


@pytest.mark.parametrize("seed", [0, 1])
def test_frames_of_world_have_the_shape_that_it_takes(seed: int) -> None:
    features = World()
    wav = torch.randn(2, 4000, generator=generator(seed))
    x = features(wav)
    view = WorldWarp(SpeakerWarp(num_cepstra=60), features.num_bands)(x, None, generator(seed))
    assert view.shape == x.shape and torch.isfinite(view).all()
