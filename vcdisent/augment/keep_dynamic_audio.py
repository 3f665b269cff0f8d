"""Keep-dynamic views of speech, made on the device: another vocal tract, another pitch, another microphone.

A log spectrum is split by its cepstrum into a smooth part (vocal tract and channel) and a fine part (the harmonics).
Each is stretched along frequency by a factor of its own, drawn once a sequence; then a room may echo it, and a random
smooth curve and stationary noise are added. The words are kept; who says them, where, and through what, is not.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from vcdisent.features.cepstrum import smoothing


class SpeakerWarp:
    """Draws another speaker for each sequence of log-magnitude frames.

    On log-mel frames the stretch is along the mel axis: by the factor in hertz below 1 kHz, where that scale is linear,
    and by more the higher above. Frames that are no log spectrum, such as WORLD's, have no such axis.

    Args:
        tract: Largest stretch of the smooth part, as a factor; drawn log-uniformly between its inverse and itself.
        pitch: The same for the fine part.
        tilt_db: Standard deviation of the spectral tilt from the lowest bin to the highest, in dB.
        shape_db: Standard deviation of each of `num_ripples` cosines over frequency, in dB.
        num_ripples: Cosines that make up the random channel.
        gain_db: Standard deviation of the level, in dB.
        num_cepstra: Coefficients of the cosine transform over frequency that count as the smooth part.
        noise_db: Range of the level of the noise, relative to the sequence's mean power; None adds none.
        dynamics: Largest factor by which the level of each frame, relative to the loudest, is stretched in dB.
        drift_db: Standard deviation of each of `num_drifts` cosines over time that the level follows, in dB.
        num_drifts: See there.
        echo_frames: Largest time in which the echo of a room falls by 60 dB, in frames; None has no room.
    """

    def __init__(
        self,
        tract: float = 1.3,
        pitch: float = 1.8,
        tilt_db: float = 8.0,
        shape_db: float = 3.0,
        num_ripples: int = 8,
        gain_db: float = 3.0,
        num_cepstra: int = 30,
        noise_db: tuple[float, float] | None = (-60.0, -15.0),
        dynamics: float = 1.0,
        drift_db: float = 0.0,
        num_drifts: int = 8,
        echo_frames: float | None = None,
    ) -> None:
        self.tract, self.pitch, self.gain_db, self.num_cepstra = tract, pitch, gain_db, num_cepstra
        self.noise_db, self.echo_frames = noise_db, echo_frames
        self.dynamics, self.drift_db, self.num_drifts = dynamics, drift_db, num_drifts
        self.ripple_db = [tilt_db / 2] + [shape_db] * num_ripples  # half a cosine period is the tilt

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, F) of `frames` (B, T, F): natural logs of magnitudes, not normalised, wherever they are."""
        batch_size, _, num_bins = frames.shape
        smooth = frames @ smoothing(num_bins, self.num_cepstra, frames.device)
        fine = frames - smooth
        warped = stretch(smooth, self._factors(self.tract, batch_size, generator))
        warped = warped + stretch(fine, self._factors(self.pitch, batch_size, generator))
        if self.dynamics > 1 or self.drift_db:
            warped = warped + self._loudness(warped, generator)
        if self.echo_frames is not None:
            warped = echoed(warped, self.echo_frames, generator)
        recorded = warped + self._channel(batch_size, num_bins, generator)
        return recorded if self.noise_db is None else self._with_noise(recorded, self.noise_db, generator)

    def _with_noise(self, frames: Tensor, range_db: tuple[float, float], generator: torch.Generator) -> Tensor:
        """Adds the power of Gaussian noise with a random smooth spectrum, whose every frame and bin is drawn anew."""
        low, high = range_db
        power = (2 * frames).flatten(1).logsumexp(1) - math.log(frames[0].numel())
        level_db = low + (high - low) * torch.rand(len(frames), generator=generator, device=generator.device)
        level = power / 2 + level_db * (math.log(10) / 20)
        uniform = torch.rand(frames.shape, generator=generator, device=generator.device).clamp(1e-6, 1 - 1e-6)
        noise = (-uniform.log()).log() / 2  # log magnitudes, by Rayleigh's distribution
        noise = noise + level[:, None, None] + self._channel(len(frames), frames.shape[2], generator)
        return torch.logaddexp(2 * frames, 2 * noise) / 2

    def _factors(self, largest: float, batch_size: int, generator: torch.Generator) -> Tensor:
        uniform = torch.rand(batch_size, generator=generator, device=generator.device) * 2 - 1
        return (uniform * math.log(largest)).exp()

    def _loudness(self, frames: Tensor, generator: torch.Generator) -> Tensor:
        """What another loudness contour adds: (B, T, 1)."""
        level = (2 * frames).logsumexp(2, keepdim=True) / 2
        factor = self._factors(self.dynamics, len(frames), generator)[:, None, None]
        drift = curves([0.0] + [self.drift_db] * self.num_drifts, len(frames), frames.shape[1], generator)
        return (factor - 1) * (level - level.amax(1, keepdim=True)) + drift.unsqueeze(2)

    def _channel(self, batch_size: int, num_bins: int, generator: torch.Generator) -> Tensor:
        return curves([self.gain_db, *self.ripple_db], batch_size, num_bins, generator).unsqueeze(1)


def curves(scales_db: Sequence[float], num_curves: int, num_points: int, generator: torch.Generator) -> Tensor:
    """Random smooth curves (N, P), natural logs: cosines of 0, 1, 2 and so on half periods, of these deviations."""
    device = generator.device
    scales = torch.tensor(scales_db, device=device) * (math.log(10) / 20)
    weights = torch.randn(num_curves, len(scales), generator=generator, device=device) * scales
    orders = torch.arange(len(scales), device=device).unsqueeze(1)
    position = (torch.arange(num_points, device=device) + 0.5) / num_points
    return weights @ torch.cos(math.pi * orders * position)


def stretch(frames: Tensor, factors: Tensor) -> Tensor:
    """`frames` (B, T, F) with the frequency axis of each sequence stretched by its factor (B,), linearly interpolated.

    Past its top a compressed spectrum mirrors itself, so that there is no flat band to give the factor away.
    """
    num_bins = frames.shape[-1]
    position = torch.arange(1, num_bins + 1, device=frames.device) / factors.unsqueeze(1)  # bin 0 is DC, not kept
    position = (num_bins - (position - num_bins).abs()).clamp(1, num_bins) - 1  # (B, F)
    left = position.floor().clamp_max(num_bins - 2).long()
    share = (position - left).unsqueeze(1)
    left = left.unsqueeze(1).expand_as(frames)
    return torch.lerp(frames.gather(2, left), frames.gather(2, left + 1), share.expand_as(frames))


def echoed(frames: Tensor, longest: float, generator: torch.Generator) -> Tensor:
    """Log magnitudes `frames` (B, T, F) as heard in a room of its own for each sequence (Polack's model: power decays).

    Of the power of every frame a share, drawn between none and all, sounds on; in a time drawn up to `longest` frames
    it falls by 60 dB.
    """
    batch_size, num_frames, _ = frames.shape
    time, share = torch.rand(2, batch_size, 1, 1, generator=generator, device=generator.device)
    decay = math.log(1e6) / (longest * time).clamp_min(1.0)  # nats of power a frame
    frame = torch.arange(num_frames, device=frames.device)
    delay = frame.unsqueeze(1) - frame
    response = (delay == 0) + share * (-decay * delay.clamp_min(0)).exp() * (delay > 0)
    loudest = frames.amax((1, 2), keepdim=True)
    power = response @ (2 * (frames - loudest)).exp()
    return power.clamp_min(torch.finfo(power.dtype).tiny).log() / 2 + loudest
