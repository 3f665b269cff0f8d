"""Frames that no recording stands behind sound at the pitch that they show, or as the spectrum that they show."""

import numpy as np
import pytest
import torch

from vcdisent.features.pitch import f0_stats, track_f0
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World
from vcdisent.vocoder.from_frames import WorldSynthesis, vocoder_from_frames
from vcdisent.vocoder.griffin_lim import GriffinLim

RATE, HOP = 16_000, 160


@pytest.mark.parametrize(("features", "kind"), [(LogMagnitude(), GriffinLim), (LogMel(), GriffinLim)])
def test_spectra_go_through_griffin_lim(features, kind, speech):
    vocoder = vocoder_from_frames(features)
    assert isinstance(vocoder, kind) and not vocoder.needs_source
    frames = features(torch.from_numpy(speech(0, seconds=0.5)).unsqueeze(0))
    wav = vocoder.vocode(frames)
    assert wav.shape == (1, (frames.shape[1] - 1) * HOP)
    again = features(wav)
    assert (again - frames).abs().mean() < 0.5 * (frames.flip(1) - frames).abs().mean()


def test_world_frames_sound_at_their_own_pitch(speech):
    features = World()
    vocoder = vocoder_from_frames(features)
    assert isinstance(vocoder, WorldSynthesis) and not vocoder.needs_source
    frames = features(torch.from_numpy(np.stack([speech(0), speech(3)])))
    wav = vocoder.vocode(frames)
    assert wav.shape == (2, (frames.shape[1] - 1) * HOP) and wav.abs().max() < 1
    for row, speaker in zip(wav.numpy(), (0, 3), strict=True):
        own, wanted = (f0_stats(track_f0(x, RATE)).log_mean for x in (row, speech(speaker)))
        assert own == pytest.approx(wanted, abs=0.05)


def test_the_length_is_that_of_a_source_where_there_is_one(speech):
    source = torch.from_numpy(speech(0)[:5000]).unsqueeze(0)
    features = World()
    assert WorldSynthesis(features).vocode(features(source), source=source).shape == source.shape


def test_an_f0_that_no_voice_has_is_unvoiced(speech):
    features = World()
    frames = features(torch.from_numpy(speech(0)).unsqueeze(0))
    between, unvoiced = frames.clone(), frames.clone()
    between[..., 0], unvoiced[..., 0] = 50.0, 0.0
    vocoder = WorldSynthesis(features)
    assert torch.equal(vocoder.vocode(between), vocoder.vocode(unvoiced))
    assert not torch.equal(vocoder.vocode(frames), vocoder.vocode(unvoiced))
