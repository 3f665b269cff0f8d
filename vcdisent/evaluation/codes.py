"""Codes of whole recordings, and what a training run is shown of dev."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vcdisent.batches import Batch, FrameBank, Normaliser
from vcdisent.errors import InputError
from vcdisent.evaluation.verification import Trials, equal_error_rate
from vcdisent.model.long_sequence import Model, encode_long, encode_segments
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.readings import READINGS, information_readings

Array = NDArray[np.floating]

CODED_AT_ONCE = 64
FORGOTTEN = 40.0
"""Dynamic error rate, in percent, from which on dev counts the speaker as forgotten."""


def recording_vectors(model: Model, sequences: Iterable[Tensor], seed: int = 0) -> dict[str, Array]:
    """One vector a recording, for each way of making one from a model's codes.

    Args:
        model: Has `encode`.
        sequences: Normalised frames (T, ...) of each recording.
        seed: Of the samples.

    Returns:
        `static` (U, S): the mean over segments of the means of q(s | x); and for a model with a dynamic half, each
        averaged over time, `dynamic_mean` (U, D): the means of q(z_t | x); `dynamic_sample` (U, D): samples of it.
        `dynamic_mean_deviation` (U, 2 D) is the first beside the means' standard deviation over time: see
        `mean_and_deviation`.
        `static_centred` and `dynamic_centred` are the means less their mean over training data: a mean that all
        recordings share hides from a cosine what sets them apart.
    """
    generator = torch.Generator().manual_seed(seed)
    vectors: dict[str, list[Tensor]] = {}
    for x in sequences:
        posterior = encode_long(model, x)
        vectors.setdefault("static", []).append(posterior.static.mean[0])
        if posterior.dynamic is not None:
            noise = torch.randn(posterior.dynamic.mean.shape, generator=generator).to(x.device)
            vectors.setdefault("dynamic_mean", []).append(posterior.dynamic.mean[0].mean(0))
            vectors.setdefault("dynamic_mean_deviation", []).append(posterior.dynamic.mean[0].std(0, correction=0))
            vectors.setdefault("dynamic_sample", []).append(posterior.dynamic.sample(noise)[0].mean(0))
    stacked = {name: torch.stack(rows) for name, rows in vectors.items()}
    if "dynamic_mean" in stacked:
        stacked["dynamic_mean_deviation"] = mean_and_deviation(
            stacked["dynamic_mean"], stacked["dynamic_mean_deviation"]
        )
    stacked["static_centred"] = stacked["static"] - model.static_centre
    if isinstance(model, SequenceVAE):
        stacked["dynamic_centred"] = stacked["dynamic_mean"] - model.dynamic_centre
    return {name: rows.cpu().numpy() for name, rows in stacked.items()}


def mean_and_deviation(means: Tensor, deviations: Tensor) -> Tensor:
    """Means and standard deviations over time (U, D) of recordings as one vector each, (U, 2 D), for a cosine.

    Each value is brought to zero mean and unit variance over these recordings themselves, not over training data, so
    that no dimension outweighs another and no common offset hides a difference: the strictest way of looking for the
    speaker without being told any.
    """
    both = torch.cat([means, deviations], dim=1)
    std, mean = torch.std_mean(both, dim=0, correction=0)
    return (both - mean) / std.clamp_min(1e-8)


def noise_vectors(num_frames: Sequence[int], size: int, seed: int = 0) -> dict[str, Array]:
    """What `recording_vectors` would give for z of pure noise (T, size), which knows neither words nor speakers."""
    generator = torch.Generator().manual_seed(seed)
    codes = [torch.randn(length, size, generator=generator) for length in num_frames]
    means = torch.stack([z.mean(0) for z in codes])
    deviations = torch.stack([z.std(0, correction=0) for z in codes])
    return {"noise": means.numpy(), "noise_mean_deviation": mean_and_deviation(means, deviations).numpy()}


def frame_codes(model: Model, x: Tensor) -> tuple[Tensor, Tensor | None]:
    """Codes of each frame of normalised frames `x` (T, ...).

    Returns:
        The mean of s (T, S) of the segment in whose middle the frame lies, and the mean of z_t (T, D) from the same
        segment; None for a model without a dynamic half.
    """
    every, segment, offset = encode_segments(model, x)
    return every.static.mean[segment], None if every.dynamic is None else every.dynamic.mean[segment, offset]


@torch.no_grad()
def find_centres(model: Model, background: Tensor) -> None:
    """Sets the model's centres from normalised training segments `background` (N, T, ...)."""
    posteriors = [model.encode(part) for part in background.split(CODED_AT_ONCE)]  # of video all would be gigabytes
    model.static_centre.copy_(torch.cat([posterior.static.mean for posterior in posteriors]).mean(0))
    dynamics = [posterior.dynamic.mean for posterior in posteriors if posterior.dynamic is not None]
    if isinstance(model, SequenceVAE) and dynamics:
        model.dynamic_centre.copy_(torch.cat(dynamics).mean((0, 1)))


class DevCriterion:
    """What dev says of a model while it is trained: error rates over all pairs of dev recordings, and one score.

    The score is the gap between the dynamic and the static error rate, as the literature reports it, with a dynamic
    rate of 40 % or more counted as 40 %: nearer to 50 % it is chance which of two is the higher. For a model without a
    dynamic half it is minus the static error rate. A z of pure noise would open the gap too: the log-likelihood and
    I(z;x) beside it in the log tell that apart. The model's centres are set from `background`, batches of training
    segments, before it looks; I(s;x), I(z;x) and I(z;s) are read of `read`, one batch of them.

    Raises:
        InputError: There are no two recordings of one speaker on dev, or none of two.

    Attributes:
        names: All figures that it may give; a model without a dynamic half has none of that half's.
    """

    names = (
        *("static_eer", "static_centred_eer", "dynamic_mean_eer", "dynamic_mean_deviation_eer"),
        *("dynamic_sample_eer", "dynamic_centred_eer"),
        *("score", "threshold", *READINGS),
    )

    def __init__(self, bank: FrameBank, normaliser: Normaliser, background: Sequence[Batch], read: Batch) -> None:
        self.bank, self.normaliser, self.background, self.read = bank, normaliser, background, read
        self.trials = Trials.all_pairs(bank.speakers.tolist())
        if self.trials.is_target.all() or not self.trials.is_target.any():
            raise InputError("corpus.dev: an error rate needs two speakers, and two recordings of one of them")

    def __call__(self, model: Model) -> dict[str, float]:
        """Equal error rates in percent, `score`, and `threshold`: the cosine of centred static codes at their rate."""
        find_centres(model, torch.cat([batch.x for batch in self.background]))
        device = self.normaliser.device
        sequences = (self.normaliser(self.bank.utterance(i).to(device)) for i in range(len(self.bank.ids)))
        vectors = recording_vectors(model, sequences)
        rates = {
            name: equal_error_rate(self.trials.scores(rows), self.trials.is_target) for name, rows in vectors.items()
        }
        figures = {f"{name}_eer": rate for name, (rate, _) in rates.items()}
        gap = min(figures.get("dynamic_mean_eer", 0.0), FORGOTTEN) - figures["static_eer"]
        information = information_readings(model, self.read) if isinstance(model, SequenceVAE) else {}
        return {**figures, "score": gap, "threshold": rates["static_centred"][1], **information}


class ReconstructionPictures:
    """Pictures for the log: segments of dev, their reconstructions, swaps between neighbours, samples."""

    def __init__(self, bank: FrameBank, normaliser: Normaliser, num_frames: int, num_sequences: int = 8) -> None:
        long_enough = (bank.lengths >= num_frames).nonzero().squeeze(1)
        num_sequences = min(num_sequences, len(long_enough))
        chosen = long_enough[torch.linspace(0, len(long_enough) - 1, num_sequences).long()]
        starts = bank.starts[chosen] + (bank.lengths[chosen] - num_frames) // 2
        self.x = normaliser(bank.segments(starts, num_frames, normaliser.device))

    @torch.no_grad()
    def __call__(self, model: Model) -> dict[str, Tensor]:
        """Images (H, W) in [0, 1]; none for a model that does not decode, nor where every recording is too short."""
        if not isinstance(model, SequenceVAE) or not len(self.x):
            return {}
        neighbours = self.x.roll(1, 0)
        generator = torch.Generator().manual_seed(0)
        samples = model.sample(
            len(self.x), self.x.shape[1], lambda _, shape: torch.randn(shape, generator=generator).to(self.x.device)
        )
        rows = {
            "reconstruction": torch.cat([self.x, model.swap(self.x, self.x)[0]]),
            "swap": torch.cat([self.x, neighbours, model.swap(self.x, neighbours)[0]]),
            "sample": samples,
        }
        decoder = cast(Any, model.decoder)  # nn.Module hides what its children can do
        return {name: decoder.picture(sequences, len(self.x)) for name, sequences in rows.items()}
