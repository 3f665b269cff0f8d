"""The WORLD vocoder: the source's own pitch and breath, re-coloured by what the model decoded."""

from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vcdisent.features.pitch import Tracker
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World, WorldFrames, analyse, bin_hz, synthesise
from vcdisent.vocoder.envelope import MOST_NATS, at, smooth_envelope, with_own_frames


class WorldVocoder:
    """WORLD's resynthesis of the source with another envelope, on `LogMagnitude`, `LogMel` or `World` frames.

    The smooth envelope of a log spectrum lies below WORLD's own, by more the wider apart the harmonics are, so one
    cannot stand for the other. With `envelope="difference"` the source's WORLD envelope is changed by the difference
    between the smooth envelopes of the frames and of the source's own: detail stays, and the source's own frames
    give WORLD's resynthesis. With `"direct"` it is the smooth envelope of the decoded frames alone, raised by
    what that of the source lies below WORLD's on average.

    Args:
        features: What the frames are made by.
        envelope: `"difference"` or `"direct"`.
        num_cepstra: Cosines over frequency that make up a smooth envelope of a log spectrum: with too few it is
            blurred, with too many it follows the harmonics.
        hop_ms: Of the analysis and synthesis; WORLD's own 5 ms sounds better than the frames' 10.
        tracker: Of the pitch: `"dio"`, or `"harvest"`, which is slower and sounds better where there is noise.
    """

    needs_source = True

    def __init__(
        self,
        features: LogMagnitude | World,
        envelope: Literal["difference", "direct"] = "difference",
        num_cepstra: int = 30,
        hop_ms: float = 5.0,
        tracker: Tracker = "dio",
    ) -> None:
        self.features, self.envelope, self.num_cepstra = features, envelope, num_cepstra
        self.hop_ms, self.tracker = hop_ms, tracker

    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms (B, N) of frames (B, T, F); see `Vocoder.vocode`.

        Raises:
            ValueError: There is no source, or it does not have as many frames.
        """
        source, reference = with_own_frames(self.features, frames, source)
        wavs = [
            self._one(decoded, wav.numpy(), own)
            for decoded, wav, own in zip(frames.cpu(), source.cpu(), reference.cpu(), strict=True)
        ]
        return torch.from_numpy(np.stack(wavs)).to(frames.device)

    def _one(self, decoded: Tensor, wav: np.ndarray, reference: Tensor) -> np.ndarray:
        sample_rate = self.features.sample_rate
        own = analyse(wav, sample_rate, self.hop_ms, None, self.tracker)
        hops = np.arange(len(own.f0_hz)) * self.hop_ms * sample_rate / (1000 * self.features.hop_length)
        bins = bin_hz(sample_rate)
        smooth, smooth_reference = (
            at(smooth_envelope(self.features, frames, bins, self.num_cepstra), hops) for frames in (decoded, reference)
        )
        changed = replace(own, log_envelope=self._envelope(own, smooth, smooth_reference))
        return synthesise(changed, sample_rate, self.hop_ms, len(wav))

    def _envelope(self, own: WorldFrames, decoded: np.ndarray, reference: np.ndarray) -> np.ndarray:
        if self.envelope == "difference":
            return own.log_envelope + (decoded - reference).clip(-MOST_NATS, MOST_NATS)
        return decoded + _mean_of_kind(own.log_envelope - reference, own.f0_hz > 0)


def _mean_of_kind(offset: np.ndarray, is_voiced: np.ndarray) -> np.ndarray:
    """Offsets (T, K) averaged over voiced and over unvoiced frames, each put in place of its kind."""
    mean = np.empty_like(offset)
    for kind in (is_voiced, ~is_voiced):
        mean[kind] = offset[kind].mean(axis=0) if kind.any() else 0.0
    return mean
