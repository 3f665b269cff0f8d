"""The posterior of a recording of any length: block by block, and yet as if it had been read at once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from vcdisent.batches import Normaliser
from vcdisent.features.recording import Features, Recording, blocks_of, level_gain, wav_frames
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.long_sequence import Model, encode_long, segment_hop
from vcdisent.model.sequence_vae import Posterior, SequenceVAE

Item = TypeVar("Item")


def posteriors(
    features: Features, normaliser: Normaliser, model: Model, recording: Recording, block_s: float
) -> Iterator[tuple[Posterior, Tensor]]:
    """The posterior of each block, and the normalised frames (T, F) that it is of: together a frame a hop, and one.

    Neighbours share two segments, and each leaves out one of them at the seam, where its frames see silence that is not
    in the recording. As blocks begin where segments do, the dynamic code is that of the recording in one piece.

    Args:
        features: Waveforms to frames.
        normaliser: The statistics of the training frames.
        model: Codes frames.
        recording: A file, or a waveform (N,).
        block_s: How much to code at a time, in seconds; more where that would be less than four segments.

    Raises:
        InputError: The recording cannot be used.
    """
    segment, hop_s = model.segment_frames, features.hop_length / features.sample_rate
    hop = segment_hop(segment)
    step = -(-max(round(block_s / hop_s) - 2 * segment, 2 * segment) // hop) * hop
    gain = level_gain(features, recording)
    blocks = blocks_of(recording, features.sample_rate, (step + 2 * segment) * hop_s, 2 * segment * hop_s)
    first = 0
    for block, is_last in with_last(blocks):
        x = normaliser(wav_frames(features, block * gain, normaliser.device))
        stop = len(x) if is_last else step + segment
        yield part(encode_long(model, x), first, stop), x[first:stop]
        first = segment


def beginning(
    features: Features, normaliser: Normaliser, model: SequenceVAE, recording: Recording, seconds: float
) -> Tensor:
    """Means (T, D) of the dynamic code of no more than the first `seconds` of a recording; see `posteriors`.

    Raises:
        InputError: The recording cannot be used.
    """
    gain = level_gain(features, recording)
    wav = next(blocks_of(recording, features.sample_rate, seconds))
    dynamic = encode_long(model, normaliser(wav_frames(features, wav * gain, normaliser.device))).dynamic
    assert dynamic is not None  # a sequence VAE has one
    return dynamic.mean[0]


def weighted_mean(weighted: Sequence[tuple[Tensor, int]]) -> Tensor:
    """Mean of vectors (S,), each counted by its weight."""
    total = sum(weight for _, weight in weighted)
    return torch.stack([vector * (weight / total) for vector, weight in weighted]).sum(0)


def part(posterior: Posterior, first: int, stop: int) -> Posterior:
    """A posterior (1, ...) with the dynamic half of the frames from `first` to `stop` alone."""
    if posterior.dynamic is None:
        return posterior
    mean, log_variance = (x[:, first:stop] for x in (posterior.dynamic.mean, posterior.dynamic.log_variance))
    return Posterior(posterior.static, Gaussian(mean, log_variance))


def with_last(items: Iterable[Item]) -> Iterator[tuple[Item, bool]]:
    """Each item, and whether it is the last."""
    held: list[Item] = []
    for item in items:
        if held:
            yield held.pop(), False
        held.append(item)
    for item in held:
        yield item, True
