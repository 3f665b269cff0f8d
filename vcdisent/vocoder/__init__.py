"""Frames to waveforms. A vocoder is any object with the two names below; configuration picks one."""

from typing import Protocol

from torch import Tensor

from vcdisent.features.pitch import PitchStats, Shift


class Vocoder(Protocol):
    """What turns the frames of a converted voice into a waveform.

    Attributes:
        needs_source: Whether `vocode` cannot do without the recording that was converted.
    """

    needs_source: bool

    def vocode(
        self,
        frames: Tensor,
        *,
        source: Tensor | None = None,
        source_pitch: PitchStats | None = None,
        target_pitch: PitchStats | Shift | None = None,
    ) -> Tensor:
        """Waveforms of frames.

        Args:
            frames: (B, T, F) as the vocoder's features give them, not normalised.
            source: (B, N) the recording that was converted, at the level its frames were made at; T = 1 + N // hop.
            source_pitch: Where the pitch of the whole source lies, of which `source` may be a piece.
            target_pitch: Where the pitch of the target lies, or how far to move the source's; None keeps it.

        Returns:
            wav (B, N), as long as the source; without one, (T - 1) hops.
        """
        ...
