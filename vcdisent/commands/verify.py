"""vcdisent verify: were two recordings made by one speaker? For a pair, or for a list of trials."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.atomic import write_text
from vcdisent.batches import Normaliser
from vcdisent.commands.poor_recordings import told_of_pair
from vcdisent.conversion.converter import Converter
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.corpora.trials import read_trials
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import noise_vectors, recording_vectors
from vcdisent.evaluation.report import verification_table
from vcdisent.evaluation.verification import Trials, verification_figures
from vcdisent.features.recording import corpus_frames
from vcdisent.progress import progress
from vcdisent.provenance import provenance


def verify_pair(a: Path, b: Path, model: Path | None, device: str) -> int:
    """Prints the cosine score of two recordings, the threshold that dev set, and what follows."""
    converter = loading.load(model, device)
    score = converter.score(a, b)
    print(told_of_pair(a, b, converter.sample_rate), end="", file=sys.stderr)
    verdict = "same" if score >= converter.threshold else "different"
    print(f"score {score:.4f} threshold {converter.threshold:.4f} {verdict}")
    return 0


def verify_trials(
    trials_file: Path, data_dir: Path, out: Path, model: Path | None, baselines: bool, allow_pipes: bool, device: str
) -> int:
    """Scores trials, writes the scores and the figures, prints a table; returns how many recordings were left out."""
    converter = loading.load(model, device)
    pairs, is_target = read_trials(trials_file)
    utterances = needed(read_data_dir(data_dir, allow_pipes, check_sources=False), pairs, trials_file, data_dir)
    frames, skipped = read_frames(converter, utterances)
    kept = [utterance for utterance in utterances if utterance.id in frames]
    trials, kept_pairs = index_trials(kept, pairs, is_target, trials_file)
    vectors = all_vectors(converter, [frames[utterance.id] for utterance in kept], baselines)
    speakers = [utterance.speaker for utterance in kept]
    rows = verification_figures(vectors, trials, speakers)
    for name, rows_of_vectors in vectors.items():
        write_scores(out / f"{name}.scores", kept_pairs, trials.scores(rows_of_vectors))
    record = {
        "set": data_dir.resolve().name,
        "num_recordings": len(kept),
        "num_speakers": len(set(speakers)),
        "num_trials": len(kept_pairs),
        "num_targets": int(trials.is_target.sum()),
        "rows": rows,
        "made_by": provenance(),
    }
    write_text(out / "verification.json", json.dumps(record, indent=1) + "\n")
    print(verification_table(record))
    list_skipped(skipped)
    return len(skipped)


def needed(
    utterances: Sequence[Utterance], pairs: list[tuple[str, str]], trials_file: Path, data_dir: Path
) -> list[Utterance]:
    """The utterances that the trials name.

    Raises:
        InputError: One of them is not in the data dir.
    """
    wanted = {name for pair in pairs for name in pair}
    missing = wanted - {utterance.id for utterance in utterances}
    if missing:
        raise InputError(f"{trials_file}: names {sorted(missing)[0]}, which {data_dir} does not have")
    return [utterance for utterance in utterances if utterance.id in wanted]


def read_frames(converter: Converter, utterances: Sequence[Utterance]) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Frames (T, F) by utterance, off the GPU, and a line for each recording that cannot be used.

    Raises:
        InputError: None can be used.
    """
    frames, skipped = {}, []
    for utterance in progress(utterances, unit="utt", desc="frames"):
        try:
            wav, _ = utterance.read(converter.sample_rate)
            frames[utterance.id] = corpus_frames(converter.features, wav, converter.device).cpu()
        except InputError as error:
            skipped.append(f"{utterance.id}: {error}")
    if not frames:
        raise InputError(f"not one of {counted(len(skipped), 'recording')} could be used; the first: {skipped[0]}")
    return frames, skipped


def index_trials(
    utterances: Sequence[Utterance], pairs: list[tuple[str, str]], is_target: np.ndarray, trials_file: Path
) -> tuple[Trials, list[tuple[str, str]]]:
    """Those trials whose utterances are both there, as indices and as names.

    Raises:
        InputError: Not a target trial, or not a nontarget trial, is left.
    """
    index = {utterance.id: number for number, utterance in enumerate(utterances)}
    there = np.array([a in index and b in index for a, b in pairs], dtype=bool)
    kept = [pair for pair, is_there in zip(pairs, there, strict=True) if is_there]
    labels = is_target[there]
    if not labels.any() or labels.all():
        raise InputError(f"{trials_file}: an error rate needs target and nontarget trials, and only one kind is left")
    left, right = np.array([[index[a], index[b]] for a, b in kept]).T
    return Trials(left, right, labels), kept


def all_vectors(converter: Converter, frames: list[torch.Tensor], baselines: bool) -> dict[str, np.ndarray]:
    """Vectors of every recording by kind: the model's, and with `baselines` what no training is needed for."""
    vectors = recording_vectors(converter.model, normalised(converter.normaliser, frames, "codes"))
    if not baselines:
        return vectors
    untrained = configuration.untrained(converter.model).to(converter.device).eval()
    others = recording_vectors(untrained, normalised(converter.normaliser, frames, "untrained model"))
    vectors["mean_spectrum"] = (
        torch.stack([x.mean(0) for x in normalised(converter.normaliser, frames, None)]).cpu().numpy()
    )
    size = vectors.get("dynamic_mean", vectors["static"]).shape[1]
    vectors |= noise_vectors([len(x) for x in frames], size)
    return vectors | {f"untrained_{name}": rows for name, rows in others.items() if not name.endswith("_centred")}


def normalised(normaliser: Normaliser, frames: list[torch.Tensor], description: str | None) -> Any:
    """Normalised frames (T, F) one by one, with progress under a description."""
    device = normaliser.mean.device
    return (
        normaliser(x.to(device)) for x in progress(frames, unit="utt", desc=description, disable=description is None)
    )


def write_scores(path: Path, pairs: list[tuple[str, str]], scores: np.ndarray) -> None:
    """Kaldi's lines: utterance, utterance, score."""
    write_text(path, "".join(f"{a} {b} {score:.6f}\n" for (a, b), score in zip(pairs, scores, strict=True)))
