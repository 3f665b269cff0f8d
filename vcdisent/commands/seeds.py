"""vcdisent report --seeds: one row a configuration, over the seeds that it was trained with."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vcdisent.atomic import write_text
from vcdisent.commands.curves import curves_part
from vcdisent.commands.report import MEASURES, PROBES, listed, read_json
from vcdisent.errors import InputError
from vcdisent.evaluation.headline import Records, headline_table
from vcdisent.evaluation.video_report import judge_table, seeds_table
from vcdisent.provenance import in_words

NOTE = (
    "Error rates and shares in percent: the mean over seeds, in brackets the lowest and the highest, in square "
    "brackets the 95% interval over speakers. z with context is held against the input with as many "
    "neighbours, though z_t may have seen all of its segment."
)
OF_SPEAKERS = ("speaker", "speaker_network")
"""Tables of probes that are of the speakers of one set."""
SEED = re.compile(r"(.+)_seed\d+")


def report_seeds(folders: Sequence[Path], out: Path) -> int:
    """Writes the headline table of checkpoint folders named NAME_seedN, one table a list of trials.

    Raises:
        InputError: Nothing was measured of one of them.
    """
    sets = sorted({path.parent.name for folder in folders for path in folder.glob("scores/*/verification.json")})
    video = video_parts(folders)
    if not sets and not video:
        raise InputError(
            f"{', '.join(map(str, folders))}: hold no scores; run vcdisent verify --trials ... -o FOLDER/scores/SET "
            "or vcdisent evaluate video ... -o FOLDER/measures/SET.json"
        )
    parts = ["# Results over seeds", *video]
    for name in sets:
        runs: dict[str, list[Records]] = {}
        for folder in folders:
            runs.setdefault(configuration_name(folder), []).append(read_records(folder, name))
        made_by = [in_words(r["made_by"]) for own in runs.values() for records in own for r in records.values()]
        phone_sets = sorted({r["probes"]["set"] for own in runs.values() for r in own if "probes" in r})
        note = NOTE + (f" Phones are probed on {', '.join(phone_sets)}." if phone_sets else "")
        parts += [f"## {name}", note, headline_table(runs), listed(made_by)]
    parts += curves_part(folders, out)
    write_text(out, "\n\n".join(parts) + "\n")
    print(out)
    return 0


def video_parts(folders: Sequence[Path]) -> list[str]:
    """What judges said of models of video, one table a set of measures and a configuration; nothing where none did."""
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for folder in folders:
        for path in sorted(folder.glob(MEASURES)):
            runs.setdefault((path.stem, configuration_name(folder)), []).append(read_json(path))
    return [
        f"## {stem}: {name}\n\nThe judge ({records[0]['judge']['folder']}):\n\n{judge_table(records[0]['judge'])}\n\n"
        f"{seeds_table(records)}\n\n{listed([in_words(r['made_by']) for r in records])}"
        for (stem, name), records in runs.items()
    ]


def configuration_name(folder: Path) -> str:
    """The folder's name without its seed."""
    match = SEED.fullmatch(folder.resolve().name)
    return match.group(1) if match else folder.resolve().name


def read_records(folder: Path, name: str) -> Records:
    """What was measured of a run: its trials of the set `name`, its probes of phones, and of speakers if of that set.

    Raises:
        InputError: Its trials were not scored.
    """
    path = folder / "scores" / name / "verification.json"
    if not path.exists():
        raise InputError(
            f"{folder}: has no {path.relative_to(folder)}; run vcdisent verify --trials ... -o {path.parent}"
        )
    records = {"verification": read_json(path)}
    if not (folder / PROBES).exists():
        return records
    probes = read_json(folder / PROBES)
    others = probes.get("speaker_set") != name  # speakers of another set are another question
    return records | {"probes": {**probes, **(dict.fromkeys(OF_SPEAKERS, ()) if others else {})}}
