"""Which frames are pauses, and what becomes of them."""

import torch

from vcdisent.conversion.speech import pauses_kept
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World

IS_SPOKEN = torch.arange(100) < 50


def test_pauses_rise_no_more_than_speech_does() -> None:
    own = torch.randn(100, 200, generator=torch.Generator().manual_seed(0))
    rise = torch.where(IS_SPOKEN, 0.5, 2.0).unsqueeze(1)
    got = pauses_kept(LogMagnitude(), own, own + rise, IS_SPOKEN) - own
    torch.testing.assert_close(got[:40], torch.full((40, 200), 0.5))
    torch.testing.assert_close(got[60:], torch.full((40, 200), 0.5))


def test_pauses_that_fall_and_sound_without_speech_stay() -> None:
    own = torch.zeros(100, 200)
    lower = own - 1.0 * ~IS_SPOKEN.unsqueeze(1)
    torch.testing.assert_close(pauses_kept(LogMagnitude(), own, lower, IS_SPOKEN), lower)
    torch.testing.assert_close(pauses_kept(LogMagnitude(), own, own + 1, torch.zeros(100, dtype=torch.bool)), own + 1)
    torch.testing.assert_close(
        pauses_kept(World(), own, own + 1.0 * ~IS_SPOKEN.unsqueeze(1), IS_SPOKEN)[99], own[99] + 1
    )
