"""Frames to waveforms. A vocoder is any object with the two names below; configuration picks one."""

from typing import Protocol

from torch import Tensor


class Vocoder(Protocol):
    """What turns the frames of a converted voice into a waveform.

    Attributes:
        needs_source: Whether `vocode` cannot do without the recording that was converted.
    """

    needs_source: bool

    def vocode(self, frames: Tensor, *, source: Tensor | None = None) -> Tensor:
        """Waveforms of frames.

        Args:
            frames: (B, T, F) as the vocoder's features give them, not normalised.
            source: (B, N) the recording that was converted, at the level its frames were made at; T = 1 + N // hop. Its
                pitch is where it is wanted already.

        Returns:
            wav (B, N), as long as the source; without one, (T - 1) hops.
        """
        ...
