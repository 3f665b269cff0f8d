"""Spectrograms against librosa's, and the laws that hold for any waveform."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vcdisent.features.spectrogram import LogMagnitude, LogMel


def noise(*shape: int) -> Tensor:
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(params=[LogMagnitude, LogMel])
def features(request: pytest.FixtureRequest) -> LogMagnitude:
    return request.param()


@pytest.mark.parametrize("num_samples", [1600, 4001])
def test_log_magnitudes_are_librosas(num_samples: int) -> None:
    import librosa

    features, wav = LogMagnitude(), noise(1, num_samples)
    theirs = np.abs(librosa.stft(wav[0].numpy(), n_fft=400, hop_length=160, window="hann", pad_mode="constant")).T
    ours = features(wav)[0].exp().numpy()
    np.testing.assert_allclose(ours, np.maximum(theirs[:, 1:], features.floor), atol=1e-4, rtol=0)


def test_log_mel_is_librosas_bank_on_the_same_magnitudes() -> None:
    import librosa

    features, wav = LogMel(n_mels=40, fmin_hz=80, fmax_hz=7000), noise(1, 3200)
    spectrum = np.abs(librosa.stft(wav[0].numpy(), n_fft=400, hop_length=160, pad_mode="constant"))
    bank = librosa.filters.mel(sr=16000, n_fft=400, n_mels=40, fmin=80, fmax=7000)
    theirs = np.log(np.maximum(bank @ spectrum, features.floor)).T
    np.testing.assert_allclose(features(wav)[0].numpy(), theirs, atol=1e-4)
    assert features.num_bins == 40


@settings(max_examples=25, deadline=None)
@given(num_samples=st.integers(0, 3000), hop_length=st.sampled_from([80, 160, 401]))
def test_there_is_a_frame_a_hop_and_one(num_samples: int, hop_length: int) -> None:
    features = LogMagnitude(hop_length=hop_length)
    frames = features(torch.ones(1, num_samples))
    assert frames.shape == (1, 1 + num_samples // hop_length, features.num_bins)


def test_a_batch_is_its_rows(features: LogMagnitude) -> None:
    wavs = noise(3, 2000)
    rows = torch.stack([features(wav.unsqueeze(0))[0] for wav in wavs])
    torch.testing.assert_close(features(wavs), rows, atol=1e-5, rtol=0)


def test_silence_is_the_floor(features: LogMagnitude) -> None:
    frames = features(torch.zeros(1, 800))
    assert frames.shape == (1, 6, features.num_bins)
    torch.testing.assert_close(frames, torch.full_like(frames, math.log(features.floor)))


def test_a_tone_is_in_its_bin_though_dc_is_gone() -> None:
    tone = torch.cos(2 * math.pi * 1000 * torch.arange(3200) / 16000).unsqueeze(0)
    loudest = LogMagnitude()(tone)[0, 3:-3].argmax(dim=1)
    assert (loudest == 1000 / 40 - 1).all()  # bins are 40 Hz apart and the first one is 40 Hz


def test_louder_by_a_factor_is_higher_by_its_logarithm(features: LogMagnitude) -> None:
    wav = noise(1, 1600)
    torch.testing.assert_close(features(2 * wav) - features(wav), torch.full((1, 11, features.num_bins), math.log(2)))


def test_gradients_reach_the_waveform(features: LogMagnitude) -> None:
    wav = noise(1, 1600).requires_grad_()
    features(wav).sum().backward()
    assert wav.grad.isfinite().all()
    assert (wav.grad != 0).float().mean() > 0.9


def test_a_checkpoint_holds_no_windows(features: LogMagnitude) -> None:
    assert features.state_dict() == {}
