"""Keep-dynamic views of WORLD's frames, made on the device: each of their three parts as another speaker has it."""

import math

import torch
from torch import Tensor

from vcdisent.augment.keep_dynamic_audio import SpeakerWarp


class WorldWarp:
    """Draws another speaker for each sequence of WORLD frames (F0 in hertz, log envelope, aperiodicity in dB).

    What is voiced stays voiced, and how the pitch moves, in semitones, stays too: both belong to what is said.

    Args:
        envelope: The vocal tract and the microphone, drawn on the envelope's mel-spaced bands as on a log spectrum.
        num_bands: Of the envelope.
        pitch: Largest factor of F0; drawn log-uniformly between its inverse and itself.
        aperiodicity_db: Standard deviation of what is added to the aperiodicity, which stays at most 0 dB.
    """

    def __init__(
        self, envelope: SpeakerWarp, num_bands: int = 60, pitch: float = 1.8, aperiodicity_db: float = 3.0
    ) -> None:
        self.envelope, self.num_bands, self.pitch, self.aperiodicity_db = envelope, num_bands, pitch, aperiodicity_db

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:
        """The view (B, T, F) of `frames` (B, T, F), as `World` gives them, not normalised."""
        f0_hz, envelope, aperiodicity_db = frames.split([1, self.num_bands, frames.shape[2] - 1 - self.num_bands], 2)
        drawn = torch.rand(len(frames), 1, 1, generator=generator, device=generator.device) * 2 - 1
        breath_db = torch.randn(len(frames), 1, 1, generator=generator, device=generator.device) * self.aperiodicity_db
        breathed_db = (aperiodicity_db + breath_db * (f0_hz > 0)).clamp_max(0.0)  # unvoiced is all noise, and stays so
        moved_hz = f0_hz * (drawn * math.log(self.pitch)).exp()
        return torch.cat([moved_hz, self.envelope(envelope, where, generator), breathed_db], dim=2)
