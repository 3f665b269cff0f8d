"""The recordings of data dirs as what probes read: codes of a checkpoint, and what they are held against."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn.functional import one_hot

from vcdisent import config as configuration
from vcdisent import loading
from vcdisent.batches import Keyed
from vcdisent.commands.verify import read_frames
from vcdisent.conversion.converter import Converter
from vcdisent.corpora.align import SILENCE, UNKNOWN
from vcdisent.corpora.datadir import Utterance
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import frame_codes
from vcdisent.evaluation.labelled import NO_LABEL, frame_labels
from vcdisent.evaluation.probe_rows import Coded
from vcdisent.model.long_sequence import Model
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.progress import progress


def load_model(model: Path | None, device: str) -> Converter:
    """A model that probes can be asked about.

    Raises:
        InputError: It has no z, or its frames do not begin where the recordings do.
    """
    converter = loading.load(model, device)
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
