"""Another speaker for each sequence, by moving the spectrum along frequency."""

import math

import pytest
import torch
from torch import Tensor

from vcdisent.augment.keep_dynamic_audio import SpeakerWarp, stretch

NO_CHANNEL = {"tilt_db": 0.0, "shape_db": 0.0, "gain_db": 0.0, "noise_db": None}
UNCHANGED = {"tract": 1.0, "pitch": 1.0, **NO_CHANNEL}
CHANGES = [
    *({"tract": 1.3}, {"pitch": 1.6}, {"tilt_db": 6.0}, {"shape_db": 2.0}, {"gain_db": 3.0}),
    *({"dynamics": 1.6}, {"drift_db": 3.0}, {"echo_frames": 30.0}),
]
DB = 20 / math.log(10)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def frames(batch_size: int = 3, num_frames: int = 4, num_bins: int = 100) -> Tensor:
    return torch.randn(batch_size, num_frames, num_bins, generator=generator(9))


def bump(centre_bin: float, num_bins: int = 200) -> Tensor:
    """A resonance (1, 1, F); bins are counted from 1, as DC is not kept."""
    bins = torch.arange(1, num_bins + 1)
    return torch.exp(-0.5 * ((bins - centre_bin) / 5) ** 2).expand(1, 1, -1)


def test_factors_of_one_and_no_channel_change_nothing() -> None:
    x = frames()
    torch.testing.assert_close(SpeakerWarp(**UNCHANGED)(x, None, generator()), x, atol=1e-5, rtol=0)


@pytest.mark.parametrize("change", CHANGES)
def test_each_setting_changes_something(change: dict[str, float]) -> None:
    x = frames()
    assert not torch.allclose(SpeakerWarp(**{**UNCHANGED, **change})(x, None, generator()), x, atol=0.05)


def test_all_frames_of_a_sequence_change_alike() -> None:
    x, order = frames(num_frames=6), torch.tensor([3, 1, 5, 0, 4, 2])
    warp = SpeakerWarp(noise_db=None)  # noise is drawn anew for each frame
    torch.testing.assert_close(warp(x[:, order], None, generator()), warp(x, None, generator())[:, order])


def test_each_sequence_has_a_speaker_of_its_own_and_a_seed_gives_it_again() -> None:
    x = frames(1).expand(4, -1, -1)
    view = SpeakerWarp()(x, None, generator())
    differences = (view.unsqueeze(0) - view.unsqueeze(1)).abs().amax(dim=(2, 3)) + torch.eye(4)
    assert differences.min() > 0.1
    torch.testing.assert_close(view, SpeakerWarp()(x, None, generator()), atol=0, rtol=0)
    assert not torch.allclose(view, SpeakerWarp()(x, None, generator(1)))


@pytest.mark.parametrize("factor", [0.7, 0.8, 1.0, 1.25, 1.6])
def test_a_peak_moves_by_the_factor(factor: float) -> None:
    moved = stretch(bump(80), torch.tensor([factor]))
    assert moved[0, 0].argmax() + 1 == round(80 * factor)
    assert moved.max() == pytest.approx(1, abs=0.01)


def test_a_compressed_spectrum_mirrors_itself_at_the_top() -> None:
    compressed = stretch(torch.arange(1.0, 101).expand(1, 1, -1), torch.tensor([0.8]))[0, 0]
    torch.testing.assert_close(compressed[:80], torch.arange(1.0, 81) / 0.8)
    torch.testing.assert_close(compressed[80:], 200 - torch.arange(81.0, 101) / 0.8)


def test_stretching_takes_each_row_by_its_own_factor() -> None:
    factors = torch.tensor([0.8, 1.0, 1.3])
    together = stretch(frames(), factors)
    alone = torch.cat(
        [stretch(row.unsqueeze(0), factor.unsqueeze(0)) for row, factor in zip(frames(), factors, strict=True)]
    )
    torch.testing.assert_close(together, alone)


def test_the_tract_moves_formants_and_leaves_the_harmonics() -> None:
    position = (torch.arange(200) + 0.5) / 200
    harmonics = torch.cos(math.pi * 80 * position).expand(1, 2, -1)
    view = SpeakerWarp(**{**UNCHANGED, "tract": 1.25})(harmonics, None, generator())
    torch.testing.assert_close(view, harmonics, atol=1e-4, rtol=0)


def test_factors_stay_between_the_largest_and_its_inverse() -> None:
    x = bump(100).expand(400, 1, -1)
    peaks = SpeakerWarp(tract=1.25, pitch=1.0, **NO_CHANNEL)(x, None, generator())[:, 0].argmax(1) + 1
    assert 79 <= peaks.min() < 84
    assert 120 < peaks.max() <= 126
    assert (peaks < 100).float().mean() == pytest.approx(0.5, abs=0.1)


def test_the_channel_is_as_loud_as_it_says() -> None:
    silence = torch.zeros(4000, 1, 50)
    gain = SpeakerWarp(**{**UNCHANGED, "gain_db": 3.0})(silence, None, generator())[:, 0] * DB
    assert gain.std(dim=0).mean() == pytest.approx(3, rel=0.05)
    tilt = SpeakerWarp(**{**UNCHANGED, "tilt_db": 6.0})(silence, None, generator())[:, 0] * DB
    assert (tilt[:, 0] - tilt[:, -1]).std() == pytest.approx(6, rel=0.05)
    shape = SpeakerWarp(**{**UNCHANGED, "shape_db": 2.0, "num_ripples": 1})(silence, None, generator())[:, 0] * DB
    assert shape[:, 0].std() == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("level_db", [-30.0, -10.0])
def test_noise_is_as_loud_as_it_says_and_adds_in_power(level_db: float) -> None:
    tone = torch.full((50, 20, 100), -20.0)
    tone[:, :, 40] = 5.0  # nearly all the power is here: 5 nepers less the logarithm of 100 bins
    view = SpeakerWarp(**{**UNCHANGED, "noise_db": (level_db, level_db)})(tone, None, generator())
    elsewhere = torch.cat([view[:, :, :40], view[:, :, 41:]], dim=2)
    noise_db = 10 * torch.log10((2 * elsewhere).exp().mean())
    tone_db = 10 * torch.log10((2 * tone).exp().mean())
    assert noise_db - tone_db == pytest.approx(level_db, abs=0.3)
    assert elsewhere.std() > 0.4  # Rayleigh's distribution: no two frames are alike
    assert (view[:, :, 40] - 5.0).abs().max() < 0.2


def test_levels_are_stretched_from_the_loudest_down() -> None:
    x = frames(num_frames=20)
    view = SpeakerWarp(**UNCHANGED, dynamics=1.6)(x, None, generator())
    before, after = ((2 * part).logsumexp(2) / 2 for part in (x, view))
    torch.testing.assert_close(before.amax(1), after.amax(1))
    below = before - before.amax(1, keepdim=True), after - after.amax(1, keepdim=True)
    factors = below[1].sum(1) / below[0].sum(1)
    torch.testing.assert_close(below[1], below[0] * factors.unsqueeze(1), atol=1e-4, rtol=1e-3)
    assert 1 / 1.6 <= factors.min() < factors.max() <= 1.6
    torch.testing.assert_close(view.diff(dim=2), x.diff(dim=2), msg="the spectrum of a frame stays what it is")


def test_a_drift_moves_all_of_a_frame_and_slowly() -> None:
    x = frames(num_frames=64)
    added = SpeakerWarp(**UNCHANGED, drift_db=3.0, num_drifts=4)(x, None, generator()) - x
    torch.testing.assert_close(added, added[..., :1].expand_as(added), atol=1e-5, rtol=0)
    contour = DB * added[..., 0]
    assert contour.std(1).min() > 1 and contour.diff(dim=1).abs().max() < 3
    torch.testing.assert_close(contour.mean(1), torch.zeros(3), atol=1e-3, rtol=0)


def test_an_echo_falls_evenly_after_a_click_and_begins_with_it() -> None:
    click = torch.full((3, 40, 5), -30.0)
    click[:, 10] = 0.0
    view = SpeakerWarp(**UNCHANGED, echo_frames=30.0)(click, None, generator())
    torch.testing.assert_close(view[:, 10], click[:, 10], atol=1e-3, rtol=0)
    assert (view[:, :10] < -29).all(), "nothing is heard before it"
    tail_db = DB * view[:, 11:, 0]
    falls = tail_db[:, :3].diff(dim=1)
    torch.testing.assert_close(falls[:, 0], falls[:, 1], atol=1e-2, rtol=0)
    assert (tail_db <= 0).all() and (falls <= -60 / 30 + 1e-3).all(), "at most so long, at most as loud"
    assert len(set(falls[:, 0].tolist())) == 3, "a room of its own for each sequence"


def test_echoes_of_digital_silence_are_silent() -> None:
    silence = torch.full((2, 8, 5), -20.0)
    view = SpeakerWarp(**UNCHANGED, echo_frames=30.0)(silence, None, generator())
    assert view.isfinite().all() and (view < -18).all()
