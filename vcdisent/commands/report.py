"""vcdisent report: everything that was measured of some checkpoints, in one Markdown file."""

import json
import os
from pathlib import Path
from typing import Any

from vcdisent.atomic import write_text
from vcdisent.commands.curves import curves_part
from vcdisent.config import naming, require
from vcdisent.errors import InputError
from vcdisent.evaluation.report import INPUTS, KINDS, conversion_table, probe_tables, verification_table
from vcdisent.provenance import in_words
from vcdisent.training import checkpoint

FREE = {"mean_spectrum", "noise", "noise_mean_deviation"}
"""Rows that have nothing to do with any checkpoint."""
FREE_INPUTS = {"noise", "frames", "frames_context", "mean_spectrum", "chance"}
"""The same of probes."""
PROBES = "probes/probes.json"
"""Where the probes of a checkpoint are, below its folder."""
TASKS = ("phone", "speaker", "speaker_network")


def report(folders: list[Path], out: Path) -> int:
    """Writes the figures of checkpoint folders, found below `scores/`, `probes/` and `converted/` in each."""
    configs = {folder: checkpoint.load_yaml(folder / checkpoint.CONFIG) for folder in folders}
    parts = ["# Results", *(about(folder, config) for folder, config in configs.items())]
    parts += verification_parts(configs)
    parts += probe_parts(folders, out)
    parts += curves_part(folders, out)
    parts += conversion_parts(folders)
    write_text(out, "\n\n".join(parts) + "\n")
    print(out)
    return 0


def about(folder: Path, config: dict[str, Any]) -> str:
    """One paragraph: what the checkpoint is and what dev said."""
    with naming(folder / checkpoint.CONFIG):
        require(config, "corpus.train", "model.kind", "objective.kind", "seed")
    dev, made_by = (checkpoint.load_yaml(folder / name) for name in (checkpoint.DEV, checkpoint.MADE_BY))
    figures = ", ".join(f"{name} {value:.4g}" for name, value in dev.items())
    described = config["corpus"].get("description") or config["corpus"]["train"]
    return (
        f"`{folder.name}`: {config['model']['kind']} with {config['objective']['kind']}, seed {config['seed']}, on "
        f"{described}. Dev chose its weights: {figures}. Trained by {in_words(made_by)}."
    )


def verification_parts(configs: dict[Path, dict[str, Any]]) -> list[str]:
    """One table a list of trials, the rows of all checkpoints in it; baselines once, from the first that has them.

    Raises:
        InputError: Not one checkpoint was tested.
    """
    records: dict[str, dict[str, Any]] = {}
    commands: dict[str, list[str]] = {}
    for folder in configs:
        for path in sorted(folder.glob("scores/*/verification.json")):
            record = read_json(path)
            rows, made_by = record.pop("rows"), record.pop("made_by")
            commands.setdefault(str(record), []).append(in_words(made_by))
            into = records.setdefault(str(record), {**record, "rows": []})["rows"]
            into += own_rows(rows, folder.name, baselines=not any(row["name"] in FREE for row in into))
    if not records:
        raise InputError(
            f"{', '.join(map(str, configs))}: hold no scores; run vcdisent verify --trials ... -o FOLDER/scores/SET"
        )
    tables = [f"{verification_table(record)}\n\n{listed(commands[key])}" for key, record in records.items()]
    return ["## Verification", *tables]


def listed(lines: list[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def own_rows(rows: list[dict[str, Any]], folder: str, baselines: bool) -> list[dict[str, Any]]:
    """Rows of one checkpoint under its name; those that need no training only where wanted."""
    return [
        row if row["name"] in FREE else {**row, "name": f"{folder}, {KINDS[row['name']]}"}
        for row in rows
        if baselines or not (row["name"] in FREE or row["name"].startswith("untrained"))
    ]


def probe_parts(folders: list[Path], out: Path) -> list[str]:
    """Tables of what was probed, the rows of all checkpoints in them, and their pictures; nothing where none was."""
    records: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    for folder in folders:
        if not (folder / PROBES).exists():
            continue
        record = read_json(folder / PROBES)
        tables, made_by = {task: record.pop(task) for task in TASKS}, record.pop("made_by")
        pictures = [(folder / PROBES).parent / name for name in record.pop("pictures")]
        notes += [f"- {in_words(made_by)}", *(f"\n  {picture_link(p, folder.name, out)}" for p in pictures)]
        into = records.setdefault(str(record), {**record, **{task: [] for task in TASKS}})
        for task, rows in tables.items():
            have = {row["name"] for row in into[task]}
            into[task] += [
                row if row["name"] in FREE_INPUTS else {**row, "name": f"{folder.name}, {INPUTS[row['name']]}"}
                for row in rows
                if row["name"] not in have
            ]
    if not records:
        return []
    return ["## Probes", *map(probe_tables, records.values()), "\n".join(notes)]


def picture_link(picture: Path, name: str, out: Path) -> str:
    """A picture in Markdown, as it is reached from the file `out`."""
    return f"![{name}, {picture.stem}]({os.path.relpath(picture, out.parent)})"


def read_json(path: Path) -> dict[str, Any]:
    """What another verb has measured.

    Raises:
        InputError: The file is damaged.
    """
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"{path}: is no json ({error}); make it again") from None


def conversion_parts(folders: list[Path]) -> list[str]:
    """One table of all judged conversions, or what was converted where no judge has heard it."""
    summaries: dict[str, Any] = {}
    unheard = []
    for folder in folders:
        for converted in sorted(path for path in folder.glob("converted/*") if path.is_dir()):
            judged = converted.with_suffix(".json")
            if judged.exists():
                tag = f"{folder.name}, {converted.name}"
                names = {"converted": tag, "source": "source"}
                summaries.pop("source", None)  # it is the same for all, and comes last
                summaries |= {
                    names.get(kind, f"{tag}, {kind}"): figures for kind, figures in read_json(judged)["summary"].items()
                }
            else:
                unheard.append(
                    f"`{folder.name}/converted/{converted.name}`: {len(list(converted.glob('*.wav')))} recordings"
                )
    if not summaries and not unheard:
        return []
    note = (
        [f"Not judged (pip install 'vcdisent[judge]', vcdisent evaluate conversion): {'; '.join(unheard)}."]
        if unheard
        else []
    )
    return ["## Conversion", *([conversion_table(summaries)] if summaries else []), *note]
