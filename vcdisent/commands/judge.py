"""vcdisent judge: trains a classifier of labelled sequences, by which generated ones are told, and tests it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vcdisent.atomic import write_text
from vcdisent.batches import CPU, FrameBank
from vcdisent.commands.report import read_json
from vcdisent.corpora.labels import LABELS, read_labels
from vcdisent.errors import InputError
from vcdisent.evaluation import judge_training as training
from vcdisent.evaluation.generation_scores import accuracy
from vcdisent.evaluation.video_judge import VideoJudge, judge_bank
from vcdisent.evaluation.video_report import judge_table
from vcdisent.features import store
from vcdisent.provenance import provenance
from vcdisent.training import checkpoint
from vcdisent.training.distributed import pick_device

JUDGE = "judge.json"


class Labelled(NamedTuple):
    """The sequences of a features folder, and the class of each by the name of the label."""

    bank: FrameBank
    values: dict[str, list[str]]

    def rows(self, wanted: Tensor) -> "Labelled":
        """The sequences of which `wanted` (U,) is true."""
        rows = wanted.nonzero().squeeze(1)
        values = {name: [own[row] for row in rows.tolist()] for name, own in self.values.items()}
        return Labelled(training.chosen(self.bank, rows), values)


def judge(train: Path, test: Path, out: Path, max_steps: int | None, device: str) -> int:
    """Trains a judge on one features folder, tests it on another and keeps it in `out`; the same command resumes.

    Raises:
        InputError: A folder is not one of labelled video, or the two do not go together.
    """
    on = pick_device(device)
    learnt, tested = read_labelled(train), read_labelled(test)
    classes = {name: sorted(set(own)) for name, own in learnt.values.items()}
    check_pair(train, learnt, test, tested)
    digest = store.digest(train)
    check_folder(out, classes, digest)
    num_frames = int(min(learnt.bank.lengths.min(), tested.bank.lengths.min()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = VideoJudge(learnt.bank.frames.shape[1:], classes).to(on)
    how = replace(training.HOW, max_steps=max_steps or training.HOW.max_steps)
    training.train_judge(made, learnt.bank, numbers(learnt, classes, train), num_frames, on, out, how)
    own, opinions = numbers(tested, classes, test), judge_bank(made, tested.bank, num_frames, on)
    record = {
        "frame_shape": list(made.frame_shape),
        "num_frames": num_frames,
        "classes": classes,
        "accuracy": {name: accuracy(opinions[name], own[name]) for name in classes},
        "learnt_from": digest,
        "num_learnt": len(learnt.bank.ids),
        "num_tested": len(tested.bank.ids),
        "test": str(test),
        "made_by": provenance(),
    }
    write_text(out / JUDGE, json.dumps(record, indent=1) + "\n")
    print(judge_table(record))
    return 0


def read_labelled(folder: Path) -> Labelled:
    """The sequences of a features folder with their labels; frames stay memory-mapped.

    Raises:
        InputError: The folder is not one of labelled video.
    """
    bank = FrameBank.load(folder, CPU)
    if bank.frames.dim() != 4 or not (folder / LABELS).is_file():
        raise InputError(f"{folder}: is no features folder of video with {LABELS}; make one with: vcdisent features")
    labels = read_labels(folder / LABELS)
    missing = [name for name in bank.ids if name not in labels]
    if missing:
        raise InputError(f"{folder / LABELS}: has no row for {missing[0]}; run vcdisent features again")
    names = list(labels[bank.ids[0]])
    return Labelled(bank, {name: [labels[own][name] for own in bank.ids] for name in names})


def check_pair(train: Path, learnt: Labelled, test: Path, tested: Labelled) -> None:
    """Sees that two folders go together.

    Raises:
        InputError: They differ in labels or frames, or the test folder has classes that cannot be learnt.
    """
    described = [f"{', '.join(data.values)} of frames {tuple(data.bank.frames.shape[1:])}" for data in (learnt, tested)]
    if described[0] != described[1]:
        raise InputError(f"{train} has {described[0]}, but {test} has {described[1]}; give two folders of one corpus")
    numbers(tested, learnt.values, test)


def check_folder(out: Path, classes: Mapping[str, Sequence[str]], digest: str) -> None:
    """Sees that a folder in which a judge was trained was given the same to learn from.

    Raises:
        InputError: It was not.
    """
    before = read_json(out / JUDGE) if (out / JUDGE).exists() else None
    if before and (before.get("classes"), before.get("learnt_from")) != (classes, digest):
        raise InputError(f"{out}: holds a judge that has learnt from other sequences; name another -o or remove it")


def numbers(data: Labelled, classes: Mapping[str, Sequence[str]], folder: Path) -> dict[str, Tensor]:
    """The number (U,) of each sequence's class among those of a judge, by label.

    Raises:
        InputError: The folder lacks a label, or a judge its class.
    """
    lacking = sorted(classes.keys() - data.values.keys())
    if lacking:
        raise InputError(f"{folder}: has no label {lacking[0]}, which the judge tells; give data of its corpus")
    rows = {}
    for name, own in classes.items():
        place = {known: number for number, known in enumerate(own)}
        strange = sorted(set(data.values[name]) - place.keys())
        if strange:
            raise InputError(
                f"{folder}: has the {name} {strange[0]!r}, which the judge cannot know; give it training data with that"
            )
        rows[name] = torch.tensor([place[value] for value in data.values[name]])
    return rows


def load_judge(folder: Path, device: torch.device) -> tuple[VideoJudge, dict[str, Any]]:
    """A trained judge, and what `vcdisent judge` wrote of it.

    Raises:
        InputError: The folder is not whole.
    """
    if not (folder / JUDGE).is_file():
        raise InputError(f"{folder}: holds no {JUDGE}; make one with: vcdisent judge TRAIN TEST -o {folder}")
    record = read_json(folder / JUDGE)
    try:
        made = VideoJudge(record["frame_shape"], record["classes"])
        rates = [float(record["accuracy"][name]) for name in made.classes]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{folder / JUDGE}: does not describe a judge ({error}); run vcdisent judge again") from None
    if not all(map(math.isfinite, rates)) or not isinstance(record.get("num_frames"), int):
        raise InputError(f"{folder / JUDGE}: does not describe a tested judge; run vcdisent judge again")
    checkpoint.load_weights(made, folder / checkpoint.WEIGHTS)
    return made.to(device).eval(), record
