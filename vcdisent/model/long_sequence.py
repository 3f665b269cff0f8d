"""Recordings of any length through a model that reads short segments."""

import torch
from torch import Tensor

from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import Posterior, SequenceVAE
from vcdisent.model.speaker_network import SpeakerNetwork

Model = SequenceVAE | SpeakerNetwork
"""What codes sequences."""

SEGMENTS_AT_ONCE = 256


@torch.no_grad()
def encode_segments(model: Model, x: Tensor) -> tuple[Posterior, Tensor, Tensor]:
    """Codes of segments, overlapping by half, of one long sequence of normalised frames `x` (T, ...).

    Returns:
        Posteriors of all segments; for each frame the segment (T,) in whose middle it lies, and its place (T,) there.
    """
    num_frames, length = len(x), min(len(x), model.segment_frames)
    starts = segment_starts(num_frames, length).to(x.device)
    index = starts.unsqueeze(1) + torch.arange(length, device=x.device)
    pieces = [model.encode(x[part]) for part in index.split(SEGMENTS_AT_ONCE)]
    dynamics = [piece.dynamic for piece in pieces if piece.dynamic is not None]
    every = Posterior(joined([piece.static for piece in pieces]), joined(dynamics) if dynamics else None)
    segment = nearest_segment(num_frames, starts, length)
    return every, segment, torch.arange(num_frames, device=x.device) - starts[segment]


def encode_long(model: Model, x: Tensor) -> Posterior:
    """Codes of one long sequence of normalised frames `x` (T, ...), from segments that overlap by half.

    Returns:
        `static`: (1, S), the mean over the segments of the posterior means (FHVAE's utterance code) and log-variances;
        `dynamic`: (1, T, D), each frame's code from the segment in whose middle it lies.
    """
    every, segment, offset = encode_segments(model, x)
    static = Gaussian(every.static.mean.mean(0, keepdim=True), every.static.log_variance.mean(0, keepdim=True))
    if every.dynamic is None:
        return Posterior(static, None)
    mean, log_variance = every.dynamic.mean, every.dynamic.log_variance
    chosen = Gaussian(mean[segment, offset].unsqueeze(0), log_variance[segment, offset].unsqueeze(0))
    return Posterior(static, chosen)


def segment_starts(num_frames: int, length: int) -> Tensor:
    """First frames (n,) of segments of `length` frames that overlap by half; the last one ends with the sequence."""
    hop = segment_hop(length)
    starts = torch.arange(0, num_frames - length + hop, hop)
    return starts.clamp_max(num_frames - length)


def segment_hop(length: int) -> int:
    """Frames from the start of one segment of `length` frames to that of the next."""
    return max(length // 2, 1)


def nearest_segment(num_frames: int, starts: Tensor, length: int) -> Tensor:
    """Index (T,) of the segment whose middle is nearest to each frame."""
    middles = starts + (length - 1) / 2
    between = (middles[1:] + middles[:-1]) / 2
    return torch.bucketize(torch.arange(num_frames, device=starts.device).double(), between.double())


def joined(gaussians: list[Gaussian]) -> Gaussian:
    """Rows of all, end to end."""
    return Gaussian(torch.cat([g.mean for g in gaussians]), torch.cat([g.log_variance for g in gaussians]))
