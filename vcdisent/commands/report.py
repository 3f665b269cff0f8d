"""vcdisent report: everything that was measured of some checkpoints, in one Markdown file."""

import json
import os
from pathlib import Path
from typing import Any

from vcdisent.atomic import write_text
from vcdisent.commands.curves import curves_part
from vcdisent.config import naming, require
from vcdisent.counted import counted
from vcdisent.errors import InputError
from vcdisent.evaluation.report import INPUTS, KINDS, conversion_table, probe_tables, verification_table
from vcdisent.evaluation.video_report import judge_table, measures_table
from vcdisent.objective.readings import READINGS
from vcdisent.provenance import in_words
from vcdisent.training import checkpoint

FREE = {"mean_spectrum", "noise", "noise_mean_deviation"}
"""Rows that have nothing to do with any checkpoint."""
FREE_INPUTS = {"noise", "frames", "frames_context", "mean_spectrum", "loudness", "phones", "chance"}
"""The same of probes."""
PROBES = "probes/probes.json"
"""Where the probes of a checkpoint are, below its folder."""
MEASURES, PICTURES = "measures/*.json", "pictures"
"""Where what a judge said of a model of video is, and its pictures."""
TASKS = ("phone", "speaker", "speaker_network")


def report(folders: list[Path], out: Path) -> int:
    """Writes the figures of checkpoint folders, found in each below `scores/`, `probes/` and `converted/`.

    Of video, below `measures/` and `pictures/`.

    Raises:
        InputError: Not one checkpoint was tested.
    """
    configs = {folder: checkpoint.load_yaml(folder / checkpoint.CONFIG) for folder in folders}
    measured = verification_parts(configs) + video_parts(folders, out)
    if not measured:
        raise InputError(
            f"{', '.join(map(str, folders))}: hold no scores; run vcdisent verify --trials ... -o FOLDER/scores/SET "
            "or vcdisent evaluate video ... -o FOLDER/measures/SET.json"
        )
    parts = ["# Results", *(about(folder, config) for folder, config in configs.items()), *measured]
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
    figures = ", ".join(f"{name} {value:.4g}" for name, value in dev.items() if name not in READINGS)
    chosen = "On dev its last weights have" if config["trainer"].get("best") == "step" else "Dev chose its weights"
    described = config["corpus"].get("description") or config["corpus"]["train"]
    return (
        f"`{folder.name}`: {config['model']['kind']} with {config['objective']['kind']}, seed {config['seed']}, on "
        f"{described}. {chosen}: {figures}. Trained by {in_words(made_by)}."
    )


LEGEND = (
    "Is it one speaker who made two recordings? The equal error rate of s, the static half, is good where it is low: s "
    "should know the voice. That of z, the dynamic half, is best at 50 %, which is also what noise has: z should not. "
    "minDCF is NIST's cost at a prior of 0.01, lower is better. Of few speakers, differences within the intervals say "
    "nothing."
)


def verification_parts(configs: dict[Path, dict[str, Any]]) -> list[str]:
    """One table a list of trials, the rows of all checkpoints in it; baselines once, from the first that has them."""
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
        return []
    tables = [f"{verification_table(record)}\n\n{listed(commands[key])}" for key, record in records.items()]
    return ["## Verification", LEGEND, *tables]


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


def video_parts(folders: list[Path], out: Path) -> list[str]:
    """Tables of what judges said of video, how well they judge, and pictures; nothing where there is neither."""
    parts, judges = [], {}
    for folder in folders:
        for path in sorted(folder.glob(MEASURES)):
            record = read_json(path)
            judges[str(record["judge"])] = record["judge"]
            parts.append(f"{measures_table(record, folder.name)}\n\n- {in_words(record['made_by'])}")
    parts += [f"The judge:\n\n{judge_table(own)}\n\n- {in_words(own['made_by'])}" for own in judges.values()]
    pictures = [(path, folder.name) for folder in folders for path in picture_files(folder)]
    parts += [picture_link(path, name, out) for path, name in pictures]
    return ["## Video", *parts] if parts else []


def picture_files(folder: Path) -> list[Path]:
    """The pictures of a checkpoint, and those that move."""
    return sorted(path for path in (folder / PICTURES).rglob("*") if path.suffix in (".png", ".gif"))


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
            if judged.exists() and read_json(judged).get("judge"):
                unheard.append(f"`{folder.name}/converted/{converted.name}`: heard by judges to choose by alone")
            elif judged.exists():
                tag = f"{folder.name}, {converted.name}"
                names = {"converted": tag, "source": "source"}
                source = summaries.pop("source", None)  # of the first list, and comes last
                summaries |= {
                    names.get(kind, f"{tag}, {kind}"): figures for kind, figures in read_json(judged)["summary"].items()
                }
                summaries |= {"source": source} if source else {}
            else:
                num_made = len(list(converted.glob("*.wav")))
                unheard.append(f"`{folder.name}/converted/{converted.name}`: {counted(num_made, 'recording')}")
    if not summaries and not unheard:
        return []
    note = (
        [f"Not judged (pip install 'vcdisent[judge]', vcdisent evaluate conversion): {'; '.join(unheard)}."]
        if unheard
        else []
    )
    return ["## Conversion", *([conversion_table(summaries)] if summaries else []), *note]
