"""What codes tell of phones and of speakers: classifiers that see the codes and nothing else.

A probe reads one frame, or one with its neighbours. It is multinomial logistic regression, or has one hidden layer:
what the first finds lies open in the code, what only the second finds is there too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.errors import InputError
from vcdisent.evaluation.labelled import NO_LABEL, Labelled

HELD_OUT = 5
"""Every so manieth recording of the training data tells when to stop; of fewer, the last one does."""
MOST_HELD_OUT = 8192
"""Frames of those recordings that are looked at, spread evenly: looking at all takes longer than learning."""
FRAMES_AT_ONCE = 2048


@dataclass(frozen=True)
class Training:
    """How probes are trained, all alike.

    Attributes:
        num_steps: At most so many, of `batch_size` frames each.
        learning_rate: Of AdamW, at first; it falls to nothing as a cosine.
        weight_decays: Of AdamW; the one that held-out recordings like best is taken. A linear probe of many
            neighbours needs much, one of a narrow code little.
        check_every: Steps between two looks at the held-out recordings.
        patience: Looks without a better figure after which to stop.
        seed: Of weights and order.
    """

    num_steps: int = 3000
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decays: tuple[float, ...] = (0.01, 3.0)
    check_every: int = 150
    patience: int = 5
    seed: int = 0


class Probe(nn.Module):
    """Frames to classes.

    Args:
        mean: (F,) of the training frames, by which frames are standardised, with `std` (F,).
        std: See there.
        context: Neighbours on either side that it reads.
        num_classes: What there is to tell apart.
        num_hidden: Size of the hidden layer; 0 has none, which is multinomial logistic regression.
    """

    def __init__(self, mean: Tensor, std: Tensor, context: int, num_classes: int, num_hidden: int) -> None:
        super().__init__()
        self.mean, self.std, self.context = mean, std, context
        num_inputs = len(mean) * (2 * context + 1)
        if num_hidden:
            layers = [nn.Linear(num_inputs, num_hidden), nn.ReLU(), nn.Linear(num_hidden, num_classes)]
        else:
            layers = [nn.Linear(num_inputs, num_classes)]
        self.layers = nn.Sequential(*layers)

    def forward(self, data: Labelled, index: Tensor) -> Tensor:
        """Logits (B, C) of frames `index` (B,)."""
        standardised = (data.stacked(index, self.context) - self.mean) / self.std
        return self.layers(standardised.flatten(1))

    @torch.no_grad()
    def correct(self, data: Labelled, index: Tensor) -> Tensor:
        """Whether each of the frames `index` (B,) is told right, bool (B,)."""
        right = [self(data, part).argmax(1) == data.labels[part] for part in index.split(FRAMES_AT_ONCE)]
        return torch.cat(right)


def probe(
    train: Labelled, test: Labelled, num_classes: int, num_hidden: int, context: int = 0, how: Training | None = None
) -> NDArray[np.bool_]:
    """Trains a probe and tells which test frames with a label it classifies right, bool (n,).

    Every fifth recording of `train` decides how much the weights decay, when to stop, and which weights are kept.

    Raises:
        InputError: Fewer than two recordings of `train` have labels.
    """
    how = how or Training()
    used = train.labels != NO_LABEL
    std, mean = torch.std_mean(train.values[used].float(), dim=0)
    best, found = -1.0, None
    for weight_decay in how.weight_decays:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(how.seed)
            network = Probe(mean, std.clamp_min(1e-4), context, num_classes, num_hidden)
        share = _fit(network, train, weight_decay, how)
        if share > best:
            best, found = share, network
    assert found is not None  # there is a weight decay
    return found.correct(test, test.index()).numpy()


def _split(data: Labelled) -> tuple[Tensor, Tensor]:
    """Frames to learn from, and some of those of the held-out recordings.

    Raises:
        InputError: Fewer than two recordings have labels.
    """
    index = data.index()
    numbers = torch.unique(data.recordings[index], return_inverse=True)[1]  # recordings without labels do not count
    every = min(HELD_OUT, int(numbers.max()) + 1)
    if every < 2:
        raise InputError("a probe needs two training recordings or more with labels: one to learn from, one to stop by")
    held_out = numbers % every == every - 1
    others = index[held_out]
    return index[~held_out], others[:: math.ceil(len(others) / MOST_HELD_OUT)]


def _fit(network: Probe, data: Labelled, weight_decay: float, how: Training) -> float:
    """Leaves `network` with the weights that told most of the held-out frames right; returns their share."""
    own, others = _split(data)
    optimiser = torch.optim.AdamW(network.parameters(), how.learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, how.num_steps)
    generator = torch.Generator().manual_seed(how.seed)
    best, waited, kept = -1.0, 0, network.state_dict()
    for step in range(1, how.num_steps + 1):
        drawn = own[torch.randint(len(own), (min(how.batch_size, len(own)),), generator=generator)]
        loss = functional.cross_entropy(network(data, drawn), data.labels[drawn])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % how.check_every and step != how.num_steps:
            continue
        share = float(network.correct(data, others).float().mean())
        waited = 0 if share >= best else waited + 1
        if share >= best:  # of weights that do alike the later ones are surer
            best, kept = share, {name: weight.clone() for name, weight in network.state_dict().items()}
        if waited == how.patience:
            break
    network.load_state_dict(kept)
    return best


def majority(train: Labelled, test: Labelled) -> NDArray[np.bool_]:
    """Which test frames with a label are of the class that is the commonest in training: what chance gives."""
    commonest = train.labels[train.index()].mode().values
    return (test.labels[test.index()] == commonest).numpy()


def accuracy(
    correct: NDArray[np.bool_], speakers: Sequence[object] | NDArray[np.generic], num_draws: int = 500, seed: int = 0
) -> dict[str, float]:
    """Share of right answers in percent, with its 95% bootstrap interval over the frames' `speakers` (n,)."""
    _, number = np.unique(np.asarray(speakers), return_inverse=True)
    right, all_frames = np.bincount(number, weights=correct), np.bincount(number)
    drawn = np.random.default_rng(seed).integers(len(right), size=(num_draws, len(right)))
    shares = 100 * right[drawn].sum(1) / all_frames[drawn].sum(1)
    low, high = np.percentile(shares, (2.5, 97.5))
    return {"accuracy": 100 * float(correct.mean()), "low": float(low), "high": float(high)}
