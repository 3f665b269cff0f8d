"""The source's own waveform, its envelope filtered by the difference that conversion made.

Nothing is synthesised, so what is natural in a recording stays; after Kobayashi, Toda and Nakamura (2018), who filter
by such a difference and move the pitch in another way.
"""

import numpy as np
import torch
from torch import Tensor

from vcdisent.errors import InputError
from vcdisent.features.averaging import averaged
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World
from vcdisent.vocoder.envelope import smooth_envelope, with_own_frames
from vcdisent.vocoder.filtering import N_FFT, filtered


class SourceFilter:
    """The source's own waveform, its colour changed by a filter, on `LogMagnitude`, `LogMel` or `World` frames.

    Args:
        features: What the frames are made by.
        num_cepstra: Cosines over frequency that make up a smooth envelope of a log spectrum; all, where it has fewer.
        smoothing_ms: Over how long the difference is averaged, by a Hann window: a filter that trembles from frame to
            frame is heard.

    Raises:
        InputError: `smoothing_ms` is negative.
    """

    needs_source = True

    def __init__(
        self,
        features: LogMagnitude | World,
        num_cepstra: int = 200,
        smoothing_ms: float = 100.0,
    ) -> None:
        self.features, self.num_cepstra = features, num_cepstra
        if smoothing_ms < 0:
            raise InputError(f"configuration: SourceFilter smoothing_ms={smoothing_ms}; give 0 or more")
        self.smoothing_frames = smoothing_ms * features.sample_rate / 1000 / features.hop_length

    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms (B, N) of frames (B, T, F); see `Vocoder.vocode`.

        Raises:
            ValueError: There is no source, or it does not have as many frames.
        """
        source, reference = with_own_frames(self.features, frames, source)
        wavs = [
            self._filter(wav.numpy(), decoded, own)
            for decoded, wav, own in zip(frames.cpu(), source.cpu(), reference.cpu(), strict=True)
        ]
        return torch.stack(wavs).to(frames.device)

    def _filter(self, wav: np.ndarray, decoded: Tensor, reference: Tensor) -> Tensor:
        """`wav` (N,) with the envelope changed as `decoded` (T, F) differ from `reference`."""
        frequencies_hz = np.linspace(0, self.features.sample_rate / 2, 1 + N_FFT // 2)
        to, own = (smooth_envelope(self.features, x, frequencies_hz, self.num_cepstra) for x in (decoded, reference))
        change = averaged(torch.from_numpy(to - own), self.smoothing_frames).numpy()
        return torch.from_numpy(filtered(wav, change, self.features.hop_length))
