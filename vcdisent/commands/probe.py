"""vcdisent probe: what the codes of a checkpoint tell of phones and of speakers, in figures and in pictures."""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

from vcdisent.atomic import write_text
from vcdisent.commands.probe_codes import code_set, frame_duration, load_model, phone_classes, with_phones
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.evaluation.pictures import draw_codes
from vcdisent.evaluation.probe_rows import CONTEXT_S, Coded, phone_rows, speaker_rows
from vcdisent.evaluation.report import probe_tables
from vcdisent.evaluation.speaker_probe import make_bank, speaker_network_figures
from vcdisent.evaluation.verification import Trials
from vcdisent.provenance import provenance

RECORD = "probes.json"
NETWORK_INPUTS = ("dynamic", "noise", "frames", "loudness", "phones")
"""What a speaker network may learn from. The last two say how little is enough: how loud each frame is, and which phone
it is of, which is all that a z of words alone would have; that one needs alignments of both sets."""

UNALIGNED = (
    "no row of phones for the speaker network: it needs every recording of --speakers and --verify aligned; "
    "give data dirs of those in phones.ctm alone"
)


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
    folders = {"train": train_dir, "test": test_dir, "other": verify_dir or test_dir}
    folders["network"] = speakers_dir if speakers_dir and options.speaker_network else train_dir
    utterances = {folder: read_data_dir(folder) for folder in folders.values()}
    classes = phone_classes(utterances[train_dir], train_dir)
    phone_classes(utterances[test_dir], test_dir)
    skipped: list[str] = []
    coded = {path: code_set(converter, own, classes, options.baselines, skipped) for path, own in utterances.items()}
    sets = {name: coded[folder] for name, folder in folders.items()}
    record = {
        "set": test_dir.resolve().name,
        "speaker_set": folders["other"].resolve().name,
        **counts({**sets, "train": with_phones(sets["train"])}),
        **rows_of(sets, list(classes), frame_duration(converter), options, out),
        "made_by": provenance(),
    }
    write_text(out / RECORD, json.dumps(record, indent=1) + "\n")
    print(probe_tables(record))
    list_skipped(skipped)
    return len(skipped)


def rows_of(sets: dict[str, Coded], phones: list[str], frame_s: float, options: Options, out: Path) -> dict[str, Any]:
    """What is found in `train`, `test`, `other` and, by a speaker network, in `network`; pictures go to `out`."""
    context = round(CONTEXT_S / frame_s) if options.context_frames is None else options.context_frames
    others = sets["other"]
    return {
        "num_phones": len(phones),
        "context_frames": context,
        "frame_s": frame_s,
        "phone": phone_rows(with_phones(sets["train"]), with_phones(sets["test"]), len(phones), context),
        "speaker": speaker_rows(others),
        "speaker_network": network_rows(sets["network"], others, frame_s, out) if options.speaker_network else [],
        "pictures": draw_codes(sets["test"], others, phones, out) if options.pictures else [],
    }


def counts(sets: dict[str, Coded]) -> dict[str, int]:
    """How many recordings and speakers each set has, by `num_NAME_recordings` and `num_NAME_speakers`."""
    recordings = {f"num_{name}_recordings": len(coded.speakers) for name, coded in sets.items()}
    return recordings | {f"num_{name}_speakers": len(set(coded.speakers)) for name, coded in sets.items()}


def network_rows(train: Coded, test: Coded, frame_s: float, out: Path) -> list[dict[str, Any]]:
    """What a speaker network finds in z and, where they were asked for, in noise and in the frames."""
    trials, rows = Trials.all_pairs(test.speakers), []
    for name in NETWORK_INPUTS:
        if name not in train.inputs or name not in test.inputs:
            if name == "phones" and "frames" in train.inputs:
                print(UNALIGNED, file=sys.stderr)
            continue
        bank = make_bank(train.inputs[name], train.speakers, [str(number) for number in range(len(train.speakers))])
        digest = hashlib.blake2b(bank.frames.numpy().tobytes(), digest_size=6).hexdigest()
        folder = out / f".speaker_network_{digest}"  # what another model left there is not resumed
        figures = speaker_network_figures(bank, test.inputs[name], trials, test.speakers, frame_s, folder)
        rows.append({**figures, "name": name})
        shutil.rmtree(folder)
    return rows
