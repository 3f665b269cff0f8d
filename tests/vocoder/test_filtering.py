"""A waveform filtered frame by frame."""

import numpy as np
import pytest

from vcdisent.vocoder.envelope import MOST_NATS
from vcdisent.vocoder.filtering import filtered

RATE = 16_000


def sine(hz: float) -> np.ndarray:
    """One second (N,)."""
    return np.sin(2 * np.pi * hz * np.arange(RATE) / RATE).astype(np.float32)


def rms(wav: np.ndarray) -> float:
    """Of a piece (N,)."""
    return float(np.sqrt(np.square(wav).mean()))


@pytest.mark.parametrize("num_frequencies", [257, 513, 65])
@pytest.mark.parametrize("frame_samples", [80, 160])
def test_each_moment_has_the_gain_of_its_frame(num_frequencies: int, frame_samples: int) -> None:
    nats = np.zeros((1 + RATE // frame_samples, num_frequencies))
    nats[len(nats) // 2 :] = 0.5
    wav = sine(1000)
    got = filtered(wav, nats, frame_samples)
    assert got.dtype == np.float32 and got.shape == wav.shape
    np.testing.assert_allclose(got[: 7 * RATE // 16], wav[: 7 * RATE // 16], atol=1e-4)
    assert rms(got[9 * RATE // 16 :]) == pytest.approx(np.exp(0.5) * rms(wav[9 * RATE // 16 :]), rel=0.01)


@pytest.mark.parametrize("num_frequencies", [257, 513])
def test_each_frequency_has_its_own(num_frequencies: int) -> None:
    nats = np.zeros((101, num_frequencies))
    nats[:, num_frequencies // 2 :] = -2 * MOST_NATS  # from 4 kHz on
    low, high = (filtered(sine(hz), nats, 160)[1000:-1000] for hz in (2000, 6000))
    assert rms(low) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert rms(high) == pytest.approx(np.exp(-MOST_NATS) * np.sqrt(0.5), rel=0.05)


@pytest.mark.parametrize("num_samples", [1, 100, 513])
def test_short_waveforms(num_samples: int) -> None:
    wav = sine(440)[:num_samples]
    np.testing.assert_allclose(filtered(wav, np.zeros((1 + num_samples // 160, 257)), 160), wav, atol=1e-6)
