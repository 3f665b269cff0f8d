"""A waveform filtered by what is to be added to its log spectrum, frame by frame."""

import numpy as np
import torch

from vcdisent.vocoder.envelope import MOST_NATS, at

N_FFT, HOP_SAMPLES = 512, 128


def filtered(wav: np.ndarray, nats: np.ndarray, frame_samples: float) -> np.ndarray:
    """A waveform (N,) with its spectrum changed, float32.

    Args:
        wav: In [-1, 1].
        nats: (T, K) what to add to the log of its magnitudes, at K frequencies from 0 to half the rate; 26 dB at most.
        frame_samples: From one frame to the next.
    """
    wave, window = torch.from_numpy(np.ascontiguousarray(wav, np.float32)), torch.hann_window(N_FFT)
    spectrum = torch.stft(wave, N_FFT, HOP_SAMPLES, window=window, pad_mode="constant", return_complex=True)
    nats = at(nats.clip(-MOST_NATS, MOST_NATS), np.arange(spectrum.shape[1]) * HOP_SAMPLES / frame_samples)
    if nats.shape[1] != len(spectrum):
        nats = at(nats.T, np.linspace(0, nats.shape[1] - 1, len(spectrum))).T
    gain = torch.from_numpy(np.exp(nats).T.astype(np.float32))
    return torch.istft(spectrum * gain, N_FFT, HOP_SAMPLES, window=window, length=len(wav)).numpy()
