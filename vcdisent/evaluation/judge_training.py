"""How a judge of video learns: from labelled sequences, by the same training loop as everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.augment.keep_static import Reverse
from vcdisent.batches import Batch, FrameBank, SegmentBatches
from vcdisent.errors import InputError
from vcdisent.evaluation.generation_scores import accuracy
from vcdisent.evaluation.speaker_probe import no_pictures, unchanged
from vcdisent.evaluation.video_judge import VideoJudge, judge_bank, zero_to_one
from vcdisent.training import checkpoint
from vcdisent.training.loop import Settings, Trainer

Labels = Mapping[str, Tensor]
"""Class (U,) of each sequence, by the name of the label."""

BATCH_SIZE = 64
HELD_OUT, MOST_HELD_OUT = 0.05, 512
"""Share of the sequences that is not learnt from, but picks the weights to keep; and how many that are at most."""
HOW = Settings(max_steps=1500, dev_every=100, warmup_steps=50, learning_rate=2e-3, weight_decay=1e-4)


def train_judge(
    judge: VideoJudge,
    bank: FrameBank,
    labels: Labels,
    num_frames: int,
    device: torch.device,
    folder: Path,
    how: Settings = HOW,
) -> None:
    """Trains a judge, or resumes its training, and gives it the weights that held-out sequences picked.

    Args:
        judge: On the device.
        bank: Sequences to learn from, a twentieth of which is held out.
        labels: Of all of them.
        num_frames: Of each sequence that the judge sees: a segment drawn at random, where there are more.
        device: Where to compute.
        folder: Gets the weights, and what resuming needs.
        how: How to train.

    Raises:
        InputError: There are too few sequences, or `folder` holds the training of another judge.
    """
    if len(bank.ids) < 2:
        raise InputError("a judge needs two labelled sequences or more to learn from")
    learnt, other = held_out(bank.ids)
    numbered = replace(chosen(bank, learnt), speakers=torch.arange(len(learnt)))
    objective = Classification({name: own[learnt] for name, own in labels.items()}).to(device)
    batch_size = min(BATCH_SIZE, len(learnt))
    batches = SegmentBatches(numbered, zero_to_one().to(device), Reverse(), unchanged, batch_size, num_frames, seed=0)
    criterion = HeldOut(chosen(bank, other), {name: own[other] for name, own in labels.items()}, num_frames, device)
    Trainer(judge, objective, batches, criterion, no_pictures, folder, how).fit()
    checkpoint.load_weights(judge, folder / checkpoint.WEIGHTS)
    judge.eval()


class Classification(nn.Module):
    """Cross-entropy of a judge, summed over the labels. A batch's `speakers` are the numbers of its sequences."""

    table: Tensor

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        self.names = list(labels)
        self.register_buffer("table", torch.stack(list(labels.values()), dim=1), persistent=False)

    def forward(self, judge: VideoJudge, batch: Batch) -> dict[str, Tensor]:
        """The cross-entropy of each label, in nats and averaged over the batch, and their sum, `loss`."""
        own, opinions = self.table[batch.speakers], judge(batch.x)
        terms = {
            f"cross_entropy_{name}": functional.nll_loss(opinions[name], own[:, column])
            for column, name in enumerate(self.names)
        }
        return {**terms, "loss": torch.stack(list(terms.values())).sum()}


class HeldOut:
    """What sequences that a judge does not learn from say of it."""

    def __init__(self, bank: FrameBank, labels: Labels, num_frames: int, device: torch.device) -> None:
        self.bank, self.labels, self.num_frames, self.device = bank, labels, num_frames, device

    def __call__(self, judge: VideoJudge) -> dict[str, float]:
        """Accuracy of each label in percent, and `score`: minus the cross-entropy, summed over the labels, in nats."""
        opinions = judge_bank(judge, self.bank, self.num_frames, self.device)
        lost = [functional.nll_loss(own, self.labels[name]) for name, own in opinions.items()]
        rates = {f"accuracy_{name}": accuracy(own, self.labels[name]) for name, own in opinions.items()}
        return {"score": -float(torch.stack(lost).sum()), **rates}


def held_out(ids: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Numbers of the sequences to learn from, and of those that only pick the weights: some 5 %, always the same.

    What is of one character, image or take, whose ids are alike but for what follows the last hyphen, stays together.
    """
    kin = [name.rpartition("-")[0] for name in ids]
    _, group = np.unique(kin if len(set(kin)) > 1 else ids, return_inverse=True)
    sizes = torch.from_numpy(np.bincount(group))
    order = torch.randperm(len(sizes), generator=torch.Generator().manual_seed(0))
    num_held_out = min(MOST_HELD_OUT, HELD_OUT * len(ids))
    chosen_groups = torch.zeros(len(sizes), dtype=torch.bool)
    chosen_groups[order[: max(1, int((sizes[order].cumsum(0) <= num_held_out).sum()))]] = True
    is_held_out = chosen_groups[torch.from_numpy(group)]
    return torch.nonzero(~is_held_out).flatten(), torch.nonzero(is_held_out).flatten()


def chosen(bank: FrameBank, rows: Tensor) -> FrameBank:
    """The sequences `rows` (n,) of a bank, whose frames stay where they are."""
    return replace(
        bank,
        starts=bank.starts[rows],
        lengths=bank.lengths[rows],
        speakers=bank.speakers[rows],
        ids=[bank.ids[row] for row in rows.tolist()],
    )
