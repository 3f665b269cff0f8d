"""What is probed: phones of speakers that were not heard in training, and which of these speakers it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vcdisent.evaluation.labelled import Labelled
from vcdisent.evaluation.probes import Training, accuracy, majority, probe
from vcdisent.progress import progress

CONTEXT_S = 0.1
"""What a probe with context sees on either side, if it is not told otherwise: half a segment of 20 frames of 10 ms."""
NUM_HIDDEN = {"linear": 0, "non_linear": 256}
PHONE_INPUTS = (
    *(("static", False), ("dynamic", False), ("dynamic", True), ("untrained_dynamic", False), ("noise", False)),
    *(("frames", False), ("frames", True)),
)
"""Inputs, and whether a frame's neighbours are seen too: as many of z as of the input."""
SPEAKER_INPUTS = ("static", "dynamic", "untrained_dynamic", "noise", "frames")


def mean(rows: Tensor) -> Tensor:
    """The average (F,) of a recording's `rows` (T, F)."""
    return rows.float().mean(0)


def mean_and_covariance(rows: Tensor) -> Tensor:
    """The averages of a recording's `rows` (T, F), and how they vary, alone and together: (F + F (F + 1) / 2,)."""
    of_pairs = torch.triu_indices(rows.shape[1], rows.shape[1])
    return torch.cat([mean(rows), torch.atleast_2d(rows.float().T.cov(correction=0))[*of_pairs]])


RECORDING_INPUTS = {
    "static": ("static_recording", mean),
    "dynamic": ("dynamic_recording", mean_and_covariance),
    "frames": ("mean_spectrum", mean),
}
"""Inputs that are also probed a recording at a time: what that is called, and what is made of a recording."""


@dataclass(frozen=True)
class Coded:
    """The recordings of a set, as what probes read.

    Attributes:
        speakers: Speaker of each recording (U).
        inputs: By name the sequences (T, F) of all recordings: `static` (the segment's s around each frame), `dynamic`
            (z), `frames` (normalised), `noise`, `untrained_dynamic`; those that are wanted.
        phones: Class of the phone (T,) in each frame of each recording, -1 where there is none.
    """

    speakers: Sequence[str]
    inputs: Mapping[str, Sequence[Tensor]]
    phones: Sequence[Tensor]

    def labelled(self, name: str, labels: Tensor) -> Labelled:
        """One input, with labels (N,)."""
        sequences = self.inputs[name]
        return Labelled(torch.cat(list(sequences)), torch.tensor([len(rows) for rows in sequences]), labels)


def phone_rows(
    train: Coded, test: Coded, num_classes: int, context: int, how: Training | None = None
) -> list[dict[str, Any]]:
    """Accuracy of phones by frame, in percent, without silence: one row an input, `linear` and `non_linear`.

    Every figure has its interval `low` to `high` over the test speakers; `chance` is the commonest phone. Rows whose
    name ends in `_context` have read `context` neighbours on either side of each frame.
    """
    known = [torch.cat(list(coded.phones)) for coded in (train, test)]
    own = per_frame(test)[torch.cat(list(test.phones)) >= 0]
    inputs = [(name, wide) for name, wide in PHONE_INPUTS if name in train.inputs]
    rows = []
    for name, wide in progress(inputs, unit="input", desc="phones"):
        data = train.labelled(name, known[0]), test.labelled(name, known[1])
        called, seen = (f"{name}_context", context) if wide else (name, 0)
        rows.append(row(called, {kind: probe(*data, num_classes, n, seen, how) for kind, n in NUM_HIDDEN.items()}, own))
    return [*rows, chance_row(majority(*data))]


def speaker_rows(test: Coded, how: Training | None = None) -> list[dict[str, Any]]:
    """Accuracy of speakers, in percent: half of each one's recordings train, the others test; rows as `phone_rows`.

    None where no speaker has a second recording.
    """
    names, number = np.unique(np.asarray(test.speakers), return_inverse=True)
    who, is_train = torch.from_numpy(number), first_half(test.speakers)
    if is_train.all():
        return []
    lengths = torch.tensor([len(rows) for rows in next(iter(test.inputs.values()))])
    data = {name: test.labelled(name, who.repeat_interleave(lengths)) for name in SPEAKER_INPUTS if name in test.inputs}
    for name, (called, summary) in RECORDING_INPUTS.items():
        if name in test.inputs:
            summaries = torch.stack([summary(sequence) for sequence in test.inputs[name]])
            data[called] = Labelled(summaries, torch.ones(len(summaries), dtype=torch.int64), who)
    rows = []
    for name, every in progress(data.items(), unit="input", desc="speakers"):
        halves = every.only(is_train), every.only(~is_train)
        own = halves[1].labels[halves[1].index()].numpy()
        correct = {kind: probe(*halves, len(names), n, 0, how) for kind, n in NUM_HIDDEN.items()}
        rows.append(row(name, correct, own))
    frames = data["static"]
    return [*rows, chance_row(majority(frames.only(is_train), frames.only(~is_train)))]


def row(name: str, correct: Mapping[str, np.ndarray], speakers: np.ndarray) -> dict[str, Any]:
    """Figures of one input, by kind of probe."""
    return {"name": name, **{kind: accuracy(right, speakers) for kind, right in correct.items()}}


def chance_row(correct: np.ndarray) -> dict[str, Any]:
    """How often the commonest class is right; over speakers there is nothing to know of it."""
    return {"name": "chance", "linear": {"accuracy": 100 * float(correct.mean())}}


def per_frame(coded: Coded) -> np.ndarray:
    """Speaker of each frame (N,), as a number."""
    _, number = np.unique(np.asarray(coded.speakers), return_inverse=True)
    return np.repeat(number, [len(labels) for labels in coded.phones])


def first_half(speakers: Sequence[str]) -> Tensor:
    """Every other recording of each speaker, beginning with the first: bool (U,)."""
    seen: dict[str, int] = {}
    places = []
    for speaker in speakers:
        places.append(seen.get(speaker, 0))
        seen[speaker] = places[-1] + 1
    return torch.tensor(places) % 2 == 0
