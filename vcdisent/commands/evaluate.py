"""vcdisent evaluate conversion: what the judges say of converted recordings, and of what they could at best be."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from itertools import chain, islice
from pathlib import Path

import numpy as np

from vcdisent import audio, loading
from vcdisent.atomic import write_text
from vcdisent.commands.conversion_list import Line, read_list
from vcdisent.commands.cost import load_cost
from vcdisent.conversion.voice import is_enrolled
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.corpora.survey import list_skipped
from vcdisent.errors import InputError
from vcdisent.evaluation.choosing import choosing_judges
from vcdisent.evaluation.conversion import Conversion, score_conversions
from vcdisent.evaluation.conversion_summary import summarise
from vcdisent.evaluation.judge import SAMPLE_RATE, Judges, load_judges
from vcdisent.evaluation.narrow_table import terminal_width
from vcdisent.evaluation.report import conversion_table
from vcdisent.model.speaker_network import SpeakerNetwork
from vcdisent.provenance import provenance


def evaluate_conversion(
    list_file: Path, folder: Path, data_dir: Path | None, out: Path, judge: Path | None = None, parallel: bool = False
) -> int:
    """Scores `folder/name.wav` for every line of a list, and the sources themselves; returns how many were left out.

    A line is left out if one of its recordings is not there or cannot be read: `convert --list` makes no conversion of
    what it cannot use.

    Args:
        list_file: Lines `source target [target ...] name`.
        folder: What vcdisent convert --list made of it.
        data_dir: Has the words of the sources and other recordings of the targets; None goes without.
        out: The json file to write.
        judge: A speaker network's checkpoint: the judges are then those that may choose. None: those that report.
        parallel: Utterances of one name, speaker apart, say the same, as they do where all have read the same prompts.
    """
    cost = load_cost(folder)
    made, left_out = told_apart(list_file, folder)
    utterances = read_data_dir(data_dir) if data_dir else []
    if data_dir and (lacking := told_of_lacking(made, utterances)):
        print(f"{data_dir}: lacks {lacking}; recordings are known by their paths in wav.scp", file=sys.stderr)
    pairs = pairs_by_kind(made, folder, utterances, parallel)
    scored = iter(score_conversions(chain(*pairs.values()), judges(judge), read))
    rows = {kind: list(islice(scored, len(own))) for kind, own in pairs.items()}
    summary = {name: summarise(own) for name, own in rows.items()}
    record = {
        "list": str(list_file),
        "folder": str(folder),
        "judge": str(judge) if judge else None,
        "cost": asdict(cost) if cost else None,
        "left_out": [line.name for line in left_out],
        "rows": rows,
        "summary": summary,
        "made_by": provenance(),
    }
    write_text(out, json.dumps(record, indent=1) + "\n")
    print(conversion_table(summary, terminal_width()))
    if cost:
        print(f"\nmade at a {cost}")
    list_skipped([f"{line.where}: {fault}" for line, fault in left_out.items()])
    return len(left_out)


def told_apart(list_file: Path, folder: Path) -> tuple[list[Line], dict[Line, str]]:
    """The lines of a list that can be judged, and those that cannot be, with what is missing or broken.

    Raises:
        InputError: Not one of them can be, or a voice is an enrolled one.
    """
    lines = read_list(list_file)
    if enrolled := [target for line in lines for target in line.targets if is_enrolled(target)]:
        raise InputError(
            f"{list_file}: {enrolled[0]} is no recording, and judges listen to some: name those it is made of"
        )
    if not any((folder / f"{line.name}.wav").is_file() for line in lines):
        raise InputError(f"{folder}: has none of {list_file}; run vcdisent convert --list {list_file} -o {folder}")
    fault_of = cache(fault_in)
    left_out: dict[Line, str] = {}
    for line in lines:
        faults = filter(None, map(fault_of, recordings_of(line, folder)))
        if fault := next(faults, ""):
            left_out[line] = fault
    usable = [line for line in lines if line not in left_out]
    if not usable:
        raise InputError(f"{list_file}: not one of its conversions can be judged; the first: {left_out[lines[0]]}")
    return usable, left_out


def recordings_of(line: Line, folder: Path) -> list[Path]:
    """All that judges listen to of one line."""
    return [folder / f"{line.name}.wav", line.source, *line.targets]


def fault_in(recording: Path) -> str:
    """Why judges cannot listen to a recording; empty if they can."""
    try:
        read(recording)
    except InputError as error:
        return str(error)
    return ""


def told_of_lacking(lines: Sequence[Line], utterances: Sequence[Utterance]) -> str:
    """What a data dir lacks of the recordings of a list, and what that does to scores; empty if it has all."""
    speakers = {utterance.source: utterance.speaker for utterance in utterances}

    def is_alone(targets: Sequence[Path]) -> bool:
        """Whether there is nothing to judge a voice by but what conversions were given of it."""
        given = set(map(str, targets))
        own = {speakers[target] for target in given if target in speakers}
        return not any(speaker in own and source not in given for source, speaker in speakers.items())

    sources, voices = {line.source for line in lines}, {line.targets for line in lines}
    unknown, alone = sorted(s for s in sources if str(s) not in speakers), sorted(filter(is_alone, voices))
    told = []
    if unknown:
        told.append(f"{len(unknown)} of {len(sources)} sources ({unknown[0]}), which are scored without their text")
    if alone:
        told.append(
            f"other recordings of {len(alone)} of {len(voices)} voices ({alone[0][0]}), which are judged by what their "
            "conversions were given, and so seem nearer"
        )
    return ", and ".join(told)


def judges(speaker_network: Path | None) -> Judges:
    """Those that report, or those that choose, with a speaker network of one's own among them.

    Raises:
        InputError: It is no speaker network, or a judge's package is not installed.
    """
    if speaker_network is None:
        return load_judges()
    listener = loading.load(speaker_network)
    if not isinstance(listener.model, SpeakerNetwork):
        raise InputError(f"{speaker_network}: is no speaker network; train one by experiment=ecapa")
    centre = listener.model.static_centre.cpu().numpy()
    return choosing_judges(lambda wav: listener.embed(wav).static - centre)


def read(path: str | Path) -> np.ndarray:
    """Waveform (N,) of a recording, at the rate at which the judges listen."""
    return audio.read(path, SAMPLE_RATE)[0]


def pairs_by_kind(
    lines: Sequence[Line], folder: Path, utterances: Sequence[Utterance], parallel: bool = False
) -> dict[str, list[Conversion]]:
    """What to score: `converted` to another's voice, `source = target`, and each `source` once, as it was."""
    to_others = [line for line in lines if not line.is_to_itself]
    to_itself = [line for line in lines if line.is_to_itself]
    sources = {line.source: line for line in reversed(to_others + to_itself)}  # each with the first other voice
    kinds = {
        "converted": [conversion(line, folder / f"{line.name}.wav", utterances, parallel) for line in to_others],
        "source = target": [conversion(line, folder / f"{line.name}.wav", utterances, parallel) for line in to_itself],
        "source": [conversion(line, source, utterances, parallel) for source, line in reversed(sources.items())],
    }
    return {kind: pairs for kind, pairs in kinds.items() if pairs}


def conversion(line: Line, recording: Path, utterances: Sequence[Utterance], parallel: bool = False) -> Conversion:
    """A recording, held against the source and the target of a line.

    Both voices are heard in recordings that the conversion was not given, where the data dir has some; targets are of
    one speaker.
    """
    by_source = {utterance.source: utterance for utterance in utterances}
    given = list(map(str, line.targets))
    own = by_source.get(str(line.source))
    other = next((by_source[target] for target in given if target in by_source), None)
    of_target = [u for u in utterances if other and u.speaker == other.speaker]
    voice = [u.source for u in of_target if u.source not in given] or given
    of_source = [u.source for u in utterances if own and u.speaker == own.speaker and u is not own]
    source_voice = of_source if other and own and other.speaker != own.speaker else ()
    same = [u.source for u in of_target if own and u.speaker != own.speaker and says_the_same(u, own, parallel)]
    group = f"{own.speaker if own else line.source} {other.speaker if other else line.targets[0]}"
    text = own.text if own else None
    parallel_target = same[0] if same else None
    return Conversion(line.name, recording, line.source, voice, text, parallel_target, group, source_voice)


def says_the_same(a: Utterance, b: Utterance, parallel: bool) -> bool:
    """Whether two speakers' utterances have the same text, or, if that tells, the same name."""
    if parallel and a.id.removeprefix(a.speaker) == b.id.removeprefix(b.speaker):
        return True
    return bool(a.text) and a.text == b.text
