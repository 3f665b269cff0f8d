"""vcdisent probe: what the codes of a checkpoint tell of phones and of speakers, in figures and in pictures."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn.functional import one_hot

from vcdisent import config as configuration
from vcdisent.atomic import write_text
from vcdisent.batches import Keyed
from vcdisent.commands.verify import read_frames
from vcdisent.conversion.converter import Converter
from vcdisent.corpora.align import SILENCE, UNKNOWN
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import frame_codes
from vcdisent.evaluation.labelled import NO_LABEL, frame_labels
from vcdisent.evaluation.pictures import draw_codes
from vcdisent.evaluation.probe_rows import CONTEXT_S, Coded, phone_rows, speaker_rows
from vcdisent.evaluation.report import probe_tables
from vcdisent.evaluation.speaker_probe import make_bank, speaker_network_figures
from vcdisent.evaluation.verification import Trials
from vcdisent.model.long_sequence import Model
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.progress import progress
from vcdisent.provenance import provenance

RECORD = "probes.json"
NETWORK_INPUTS = ("dynamic", "noise", "frames", "loudness", "phones")
"""What a speaker network may learn from. The last two say how little is enough: how loud each frame is, and which phone
it is of, which is all that a z of words alone would have; that one needs alignments of both sets."""


class Options(NamedTuple):
    """What else is wanted.

    Attributes:
        context_frames: Neighbours on either side of a frame that a probe with context reads; None takes a tenth of a
            second of them.
        baselines: Also probe the frames themselves, an untrained model and noise.
        speaker_network: Also train a speaker network on z, and with `baselines` on those.
        pictures: Also draw s by speaker, z by phone and z by speaker.
    """

    context_frames: int | None = None
    baselines: bool = False
    speaker_network: bool = False
    pictures: bool = False


def probe(
    train_dir: Path,
    test_dir: Path,
    verify_dir: Path | None,
    speakers_dir: Path | None,
    out: Path,
    model: Path | None,
    options: Options,
    device: str,
) -> int:
    """Writes `probes.json`, and pictures; prints tables; returns how many recordings were left out.

    Args:
        train_dir: Data dir of training speakers, with `phones.ctm`.
        test_dir: Data dir of others, with `phones.ctm`.
        verify_dir: Data dir whose speakers are to be told apart; None takes `test_dir`.
        speakers_dir: Data dir that the speaker network learns from; None takes `train_dir`.
        out: The folder to write.
        model: Checkpoint folder; None is the one that comes with the package.
        options: What else is wanted.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InputError: A set cannot be used, or the model has no z.
    """
    converter = load_model(model, device)
    sets = {"train": train_dir, "test": test_dir, "verify": verify_dir}
    if options.speaker_network:
        sets["network"] = speakers_dir
    utterances = {name: read_data_dir(folder) for name, folder in sets.items() if folder is not None}
    classes = phone_classes(utterances["train"], train_dir)
    phone_classes(utterances["test"], test_dir)
    skipped: list[str] = []
    coded = {name: code_set(converter, own, classes, options.baselines, skipped) for name, own in utterances.items()}
    others, network = coded.get("verify", coded["test"]), coded.get("network", coded["train"])
    spoken = with_phones(coded["train"]), with_phones(coded["test"])
    frame_s, context = frame_duration(converter), options.context_frames
    context = round(CONTEXT_S / frame_s) if context is None else context
    record = {
        "set": test_dir.resolve().name,
        "speaker_set": (verify_dir or test_dir).resolve().name,
        **counts({"train": coded["train"], "network": network, "test": coded["test"], "other": others}),
        "num_phones": len(classes),
        "context_frames": context,
        "frame_s": frame_s,
        "phone": phone_rows(*spoken, len(classes), context),
        "speaker": speaker_rows(others),
        "speaker_network": network_rows(network, others, frame_s, out) if options.speaker_network else [],
        "pictures": draw_codes(coded["test"], others, list(classes), out) if options.pictures else [],
        "made_by": provenance(),
    }
    write_text(out / RECORD, json.dumps(record, indent=1) + "\n")
    print(probe_tables(record))
    list_skipped(skipped)
    return len(skipped)


def counts(sets: dict[str, Coded]) -> dict[str, int]:
    """How many recordings and speakers each set has, by `num_NAME_recordings` and `num_NAME_speakers`."""
    recordings = {f"num_{name}_recordings": len(coded.speakers) for name, coded in sets.items()}
    return recordings | {f"num_{name}_speakers": len(set(coded.speakers)) for name, coded in sets.items()}


def load_model(model: Path | None, device: str) -> Converter:
    """A model that probes can be asked about.

    Raises:
        InputError: It has no z, or its frames do not begin where the recordings do.
    """
    converter = configuration.load(model, device)
    if not isinstance(converter.model, SequenceVAE):
        raise InputError(f"{model}: is a speaker network, which has no dynamic code to probe; give another --model")
    if converter.features.trim_db is not None:
        raise InputError(f"{model}: its features cut silence (trim_db), so that alignments do not fit them")
    return converter


def phone_classes(utterances: Sequence[Utterance], folder: Path) -> dict[str, int]:
    """The phones of a data dir, without silence and unknown words, by name.

    Raises:
        InputError: There are none.
    """
    names = {name for utterance in utterances for _, _, name in utterance.phones} - {SILENCE, UNKNOWN}
    if len(names) < 2:
        raise InputError(f"{folder}: has no phones.ctm; run vcdisent align on it")
    return {name: number for number, name in enumerate(sorted(names))}


def code_set(
    converter: Converter, utterances: Sequence[Utterance], classes: dict[str, int], baselines: bool, skipped: list[str]
) -> Coded:
    """All recordings that can be used, as what probes read."""
    frames, complaints = read_frames(converter, utterances)
    skipped += complaints
    kept = [utterance for utterance in utterances if utterance.id in frames]
    frame_s = frame_duration(converter)
    untrained = configuration.untrained(converter.model).to(converter.device).eval() if baselines else None
    inputs: dict[str, list[torch.Tensor]] = {}
    keyed = Keyed(seed=0, step=0, device=torch.device("cpu"))
    for utterance in progress(kept, unit="utt", desc="codes"):
        x = converter.normaliser(frames[utterance.id].to(converter.device))
        for name, values in codes_of(converter.model, untrained, x, keyed.generator(utterance.id)).items():
            inputs.setdefault(name, []).append(values.half().cpu())
    phones = [frame_labels(u.phones, len(frames[u.id]), frame_s, classes) for u in kept]
    if baselines and all(utterance.phones for utterance in kept):
        inputs["phones"] = [one_hot(labels + 1, len(classes) + 1).half() for labels in phones]
    return Coded([utterance.speaker for utterance in kept], inputs, phones)


def frame_duration(converter: Converter) -> float:
    """Seconds from one frame to the next."""
    return converter.features.hop_length / converter.features.sample_rate


def codes_of(
    model: Model, untrained: Model | None, x: torch.Tensor, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """What probes read of normalised frames `x` (T, F), and with an untrained model what they are held against.

    The noise must be the recording's own: a network would know again what it has met in training.
    """
    static, dynamic = frame_codes(model, x)
    assert dynamic is not None  # the model was asked for
    codes = {"static": static, "dynamic": dynamic}
    if untrained is not None:
        _, other = frame_codes(untrained, x)
        assert other is not None
        noise = torch.randn(dynamic.shape, generator=generator)
        codes |= {"untrained_dynamic": other, "noise": noise, "frames": x, "loudness": loudness(x)}
    return codes


def loudness(x: torch.Tensor) -> torch.Tensor:
    """The mean over the bins of frames (T, F), standardised over the recording: (T, 1)."""
    level = x.float().mean(1, keepdim=True)
    return (level - level.mean()) / level.std(correction=0).clamp_min(1e-4)


def with_phones(coded: Coded) -> Coded:
    """Those recordings that have an alignment."""
    kept = [number for number, labels in enumerate(coded.phones) if (labels != NO_LABEL).any()]
    inputs = {name: [sequences[number] for number in kept] for name, sequences in coded.inputs.items()}
    return Coded([coded.speakers[number] for number in kept], inputs, [coded.phones[number] for number in kept])


def network_rows(train: Coded, test: Coded, frame_s: float, out: Path) -> list[dict[str, Any]]:
    """What a speaker network finds in z and, where they were asked for, in noise and in the frames."""
    trials, rows = Trials.all_pairs(test.speakers), []
    for name in NETWORK_INPUTS:
        if name not in train.inputs or name not in test.inputs:
            continue
        bank = make_bank(train.inputs[name], train.speakers, [str(number) for number in range(len(train.speakers))])
        digest = hashlib.blake2b(bank.frames.numpy().tobytes(), digest_size=6).hexdigest()
        folder = out / f".speaker_network_{digest}"  # what another model left there is not resumed
        figures = speaker_network_figures(bank, test.inputs[name], trials, test.speakers, frame_s, folder)
        rows.append({**figures, "name": name})
        shutil.rmtree(folder)
    return rows
