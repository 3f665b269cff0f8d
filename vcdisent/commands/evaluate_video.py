"""vcdisent evaluate video: what a judge says of a model's sequences, and how well it reconstructs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.atomic import write_text
from vcdisent.augment.keep_static import Shuffle
from vcdisent.batches import FrameBank, SegmentBatches
from vcdisent.commands.judge import Labelled, load_judge, numbers, read_labelled
from vcdisent.commands.train import NUM_READ
from vcdisent.conversion.video_model import VideoModel
from vcdisent.errors import InputError
from vcdisent.evaluation.narrow_table import terminal_width
from vcdisent.evaluation.video_measures import Labels, VideoMeasures, num_looks
from vcdisent.evaluation.video_report import measures_table
from vcdisent.objective.readings import information_readings
from vcdisent.progress import progress
from vcdisent.provenance import provenance
from vcdisent.training import checkpoint
from vcdisent.training.published import checkpoint_folder


def evaluate_video(
    features: Path,
    model: Path,
    judge_folder: Path,
    out: Path,
    num_draws: int,
    max_sequences: int | None,
    seed: int,
    device: str,
) -> int:
    """Writes what the judge says of sequences that `model` makes from those of a features folder.

    Args:
        features: Sequences that the model was not trained on, with labels.
        model: The checkpoint folder; its configuration says which labels stay and which change.
        judge_folder: What vcdisent judge has made.
        out: The json file to write.
        num_draws: How often noise is drawn for all sequences.
        max_sequences: Look at so many, picked at random; None looks at all.
        seed: Of the draws.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InputError: A folder is not whole, or they do not go together.
    """
    model = checkpoint_folder(model)
    made = loading.load_video(model, device)
    judge, judged = load_judge(judge_folder, made.device)
    data = picked(read_labelled(features), max_sequences)
    shapes = {tuple(judge.frame_shape), tuple(made.features.frame_shape), tuple(data.bank.frames.shape[1:])}
    if len(shapes) > 1:
        raise InputError(f"{features}, {model} and {judge_folder} are of frames of different shapes: {shapes}")
    config = checkpoint.load_yaml(model / checkpoint.CONFIG)
    labels = split_labels(model, config["corpus"], numbers(data, judge.classes, features))
    num_frames = min(judged["num_frames"], int(data.bank.lengths.min()))
    with progress(total=num_looks(num_draws) * len(data.bank.ids), unit="sequence") as bar:
        look = VideoMeasures(made.model, made.normaliser, judge, num_frames, bar.update)
        measures = look(data.bank, labels, num_draws, seed)
    record = {
        "features": str(features),
        "model": str(model),
        "num_sequences": len(data.bank.ids),
        "num_draws": num_draws,
        "seed": seed,
        **measures,
        "information": information(made, data.bank, config, seed),
        "judge": {"folder": str(judge_folder), **judged},
        "made_by": provenance(),
    }
    write_text(out, json.dumps(record, indent=1) + "\n")
    print(measures_table(record, width=terminal_width()))
    return 0


def picked(data: Labelled, max_sequences: int | None) -> Labelled:
    """At most so many sequences, picked at random, always the same: every so many would be of a few classes alone."""
    num_sequences = len(data.bank.ids)
    if max_sequences is None or max_sequences >= num_sequences:
        return data
    wanted = torch.zeros(num_sequences, dtype=torch.bool)
    order = torch.randperm(num_sequences, generator=torch.Generator().manual_seed(0))
    wanted[order[:max_sequences]] = True
    return data.rows(wanted)


def information(made: VideoModel, bank: FrameBank, config: dict[str, Any], seed: int) -> dict[str, float]:
    """What s and z tell of x and of each other, of one batch, in nats: the readings that training logs of its own.

    As many sequences as training reads it of, or all.
    """
    num_frames = min(config["model"]["segment_frames"], int(bank.lengths.min()))
    view, size = configuration.build(config["augment"]["keep_dynamic"]), min(NUM_READ, len(bank.ids))
    batches = SegmentBatches(bank, made.normaliser, Shuffle(), view, size, num_frames, seed)
    return information_readings(made.model, batches.batch(0))


def split_labels(model: Path, corpus: Mapping[str, Any], labels: Mapping[str, Tensor]) -> Labels:
    """Labels that stay and labels that change, as the `corpus` part of a checkpoint's configuration says.

    Raises:
        InputError: It does not say so, or the judge tells none of one kind.
    """
    halves: list[dict[str, Tensor]] = []
    for half in ("static", "dynamic"):
        names: Sequence[str] = corpus.get(f"{half}_labels") or ()
        halves.append({name: labels[name] for name in names if name in labels})
        if not halves[-1]:
            raise InputError(
                f"{model / checkpoint.CONFIG}: corpus.{half}_labels={list(names)} names none of the labels that the "
                f"judge tells: {', '.join(labels)}"
            )
    return Labels(*halves)
