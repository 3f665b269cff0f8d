"""vcdisent evaluate conversion: what the judges say of converted recordings, and of what they could at best be."""

import json
from collections.abc import Sequence
from pathlib import Path

from vcdisent.atomic import write_text
from vcdisent.commands.convert import read_list
from vcdisent.corpora.datadir import Utterance, read_data_dir
from vcdisent.errors import InputError
from vcdisent.evaluation.conversion import Conversion, score_conversions, summarise
from vcdisent.evaluation.judge import load_judges
from vcdisent.evaluation.report import conversion_table


def evaluate_conversion(list_file: Path, folder: Path, data_dir: Path | None, out: Path) -> int:
    """Scores `folder/name.wav` for every line of a list, with the sources themselves beside them.

    Args:
        list_file: Lines `source target name`.
        folder: What vcdisent convert --list made of it.
        data_dir: Has the words of the sources and other recordings of the targets; None goes without.
        out: The json file to write.
    """
    lines = read_list(list_file)
    missing = [name for _, _, name in lines if not (folder / f"{name}.wav").is_file()]
    if missing:
        raise InputError(f"{folder}: has no {missing[0]}.wav; run vcdisent convert --list {list_file} -o {folder}")
    utterances = read_data_dir(data_dir) if data_dir else []
    pairs = [pair for line in lines for pair in both_rows(line, folder, utterances)]
    scored = score_conversions(pairs, load_judges())
    rows = {"converted": scored[::2], "source": scored[1::2]}
    summary = {name: summarise(own) for name, own in rows.items()}
    record = {"list": str(list_file), "folder": str(folder), "rows": rows, "summary": summary}
    write_text(out, json.dumps(record, indent=1) + "\n")
    print(conversion_table(summary))
    return 0


def both_rows(line: tuple[Path, Path, str], folder: Path, utterances: Sequence[Utterance]) -> list[Conversion]:
    """What to score for one line: the converted recording, then the source as it was.

    The target's voice is heard in recordings that the conversion was not given, where the data dir has some.
    """
    source, target, name = line
    by_source = {utterance.source: utterance for utterance in utterances}
    own, other = by_source.get(str(source)), by_source.get(str(target))
    unheard = [u.source for u in utterances if other and u.speaker == other.speaker and u is not other]
    group = f"{own.speaker if own else source} {other.speaker if other else target}"
    text = own.text if own else None
    recordings = (folder / f"{name}.wav", source)
    return [Conversion(name, recording, source, unheard or [target], text, group) for recording in recordings]
