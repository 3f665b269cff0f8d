"""A speaker network trained on codes: what it finds of the speaker, nothing simpler can be said to have hidden.

ECAPA-TDNN learns, with labels, to tell the training speakers apart by sequences of z, and is scored on speakers that it
has not heard. The same network on frames of the spectrum, and on noise, says what the figure is worth.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vcdisent.augment.keep_static import Reverse
from vcdisent.batches import FrameBank, Normaliser, SegmentBatches
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import find_centres, recording_vectors
from vcdisent.evaluation.verification import Trials, verification_figures
from vcdisent.model.speaker_network import SpeakerNetwork
from vcdisent.objective.speaker_classification import SpeakerClassification
from vcdisent.training.loop import Settings, Trainer

STATIC_SIZE, NUM_CHANNELS, BATCH_SIZE, BACKGROUND_BATCHES = 96, 64, 32, 8
SEGMENT_S = 1.5
"""What the network reads at a time, whatever the length of a frame."""
HOW = Settings(max_steps=400, dev_every=400, warmup_steps=40, learning_rate=2e-3, weight_decay=1e-4)


def unchanged(frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG001
    """The keep-dynamic view of what needs none: the frames themselves."""
    return frames


def make_bank(values: Sequence[Tensor], speakers: Sequence[str], ids: Sequence[str]) -> FrameBank:
    """Sequences of codes (T, D), in memory, as a corpus to train on."""
    lengths = torch.tensor([len(rows) for rows in values])
    numbers = {name: number for number, name in enumerate(sorted(set(speakers)))}
    own = torch.tensor([numbers[name] for name in speakers])
    return FrameBank(torch.cat(list(values)), lengths.cumsum(0) - lengths, lengths, own, list(ids))


def speaker_network_figures(
    train: FrameBank,
    test: Sequence[Tensor],
    trials: Trials,
    speakers: Sequence[str],
    frame_s: float,
    folder: Path,
    how: Settings = HOW,
    seed: int = 0,
) -> dict[str, Any]:
    """Trains a speaker network on codes of the training speakers and scores it on others.

    Args:
        train: Codes of the training speakers.
        test: Codes (T, D) of each recording of other speakers.
        trials: Pairs of `test`.
        speakers: Speaker of each recording of `test`.
        frame_s: Seconds from one frame to the next.
        folder: Where training can be resumed from.
        how: How to train.
        seed: Of weights and order.

    Returns:
        `eer` in percent, `low` and `high` over speakers, `min_dcf` and `threshold`, of cosines between embeddings less
        their mean over training data.

    Raises:
        InputError: Too few recordings are long enough, or `folder` holds the training of another network.
    """
    normaliser = Normaliser(*moments(train.frames)).to(train.frames.device)
    if train.num_speakers < 2:
        raise InputError("a speaker network needs two training speakers or more")
    segment_frames = round(SEGMENT_S / frame_s)
    num_long = int((train.lengths >= segment_frames).sum())
    size = min(BATCH_SIZE, max(num_long, 1))
    batches = SegmentBatches(train, normaliser, Reverse(), unchanged, size, segment_frames, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SpeakerNetwork(train.frames.shape[1], STATIC_SIZE, NUM_CHANNELS, segment_frames)
        objective = SpeakerClassification(train.num_speakers, STATIC_SIZE)
    network, objective = network.to(normaliser.device), objective.to(normaliser.device)
    Trainer(network, objective, batches, last_is_best, no_pictures, folder, how).fit()
    network.eval()
    find_centres(network, torch.cat([batches.batch(step).x for step in range(BACKGROUND_BATCHES)]))
    vectors = recording_vectors(network, (normaliser(rows.to(normaliser.device).float()) for rows in test))
    return verification_figures({"speaker_network": vectors["static_centred"]}, trials, speakers)[0]


def moments(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (D,) of frames (N, D)."""
    std, mean = torch.std_mean(frames.float(), dim=0)
    return mean, std.clamp_min(1e-4)


def last_is_best(network: SpeakerNetwork) -> dict[str, float]:  # noqa: ARG001
    """Figures of a training that no look at other data may steer."""
    return {"score": 0.0}


def no_pictures(network: SpeakerNetwork) -> dict[str, Tensor]:  # noqa: ARG001
    """Pictures for the log: none."""
    return {}
