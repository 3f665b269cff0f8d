"""The headline table: what s knows of the speaker, what z does and what is left of the words, over several seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vcdisent.evaluation.report import table

Records = Mapping[str, Mapping[str, Any]]
"""What was measured of one run: `verification` and `probes`, those that there are."""

COLUMNS = {
    "static EER": ("verification", "rows", "static", "eer"),
    "z: mean": ("verification", "rows", "dynamic_mean", "eer"),
    "z: mean and deviation": ("verification", "rows", "dynamic_mean_deviation", "eer"),
    "z: samples": ("verification", "rows", "dynamic_sample", "eer"),
    "z: speaker network": ("probes", "speaker_network", "dynamic", "eer"),
    "phone from z, a frame, linear": ("probes", "phone", "dynamic", "linear"),
    "non-linear": ("probes", "phone", "dynamic", "non_linear"),
    "phone from z with context, linear": ("probes", "phone", "dynamic_context", "linear"),
    "with context, non-linear": ("probes", "phone", "dynamic_context", "non_linear"),
    "phone from s": ("probes", "phone", "static", "non_linear"),
    "speaker from z, a frame": ("probes", "speaker", "dynamic", "non_linear"),
    "speaker from s": ("probes", "speaker", "static_recording", "non_linear"),
}
"""Columns, all in percent: heading, which record, which of its tables, which row, which figure."""

REFERENCES = {"dynamic": "frames", "dynamic_context": "frames_context"}
"""Rows of the phone table that are held against what there is to be had: from one frame, or from as many."""
StandIns = Mapping[str, Sequence[str]]
"""For a row's name the names, the first that there is, of what stands in its place."""
UNTRAINED: StandIns = {
    name: [f"untrained_{name}"]
    for name in ("static", "dynamic_mean", "dynamic_mean_deviation", "dynamic_sample", "dynamic")
}
"""What stands in for the rows of a model in those of its architecture before any training."""
BASELINES: dict[str, StandIns] = {
    "noise in place of z": {
        "dynamic_mean": ["noise"],
        "dynamic_mean_deviation": ["noise_mean_deviation"],
        "dynamic": ["noise"],
    },
    "mean spectrum; input frames": {
        "static": ["mean_spectrum"],
        "static_recording": ["mean_spectrum"],
        "dynamic": ["frames"],
        "dynamic_context": ["frames_context"],
    },
}
"""Rows that have nothing to do with any model, by what stands in them for the rows of one."""


def headline_table(runs: Mapping[str, Sequence[Records]]) -> str:
    """One row a configuration: the mean over its runs and, where there are several, the lowest and the highest.

    Args:
        runs: The records of each configuration's runs, one a seed, by name.

    Returns:
        A Markdown table. In square brackets stands the 95% interval over speakers, the mean of the runs'; then the
        share of what the same probe finds in the input, and the number of runs of what was not measured of all.
        Configurations before training, and rows that have nothing to do with any, come last, each from the first run
        that has them.
    """
    every = [records for own in runs.values() for records in own]
    rows = [[name, str(len(own)), *(cell(own, column, every) for column in COLUMNS)] for name, own in runs.items()]
    rows += [row for name, own in runs.items() if (row := baseline(f"{name}, untrained", own, UNTRAINED))]
    rows += [row for name, stand_ins in BASELINES.items() if (row := baseline(name, every, stand_ins))]
    return table(["", "seeds", *COLUMNS], rows)


def baseline(name: str, runs: Sequence[Records], stand_ins: StandIns) -> list[str] | None:
    """A row that needs no training; None where no run has any of it."""
    cells = [first_cell(runs, column, stand_ins) for column in COLUMNS]
    return [name, "", *cells] if any(cells) else None


def first_cell(runs: Sequence[Records], column: str, stand_ins: StandIns) -> str:
    """A figure that needs no training as text, from the first run that has it."""
    there = (records for records in runs if value(records, column, stand_ins) is not None)
    return next((f"{value(records, column, stand_ins):.1f}" for records in there), "")


def cell(runs: Sequence[Records], column: str, every: Sequence[Records]) -> str:
    """A figure over runs as text; see `headline_table`. The input may have been probed in another of `every` run."""
    there = [number for records in runs if (number := value(records, column)) is not None]
    if not there:
        return ""
    text = f"{np.mean(there):.1f}"
    if len(there) > 1:
        text += f" ({min(there):.1f} to {max(there):.1f})"
    text += interval([figures(records, column) for records in runs])
    shares = [share for records in runs if (share := share_of_input(records, every, column)) is not None]
    if shares:
        text += f", {np.mean(shares):.0f}% of input"
    return text if len(there) == len(runs) else f"{text}, {len(there)} of {len(runs)} runs"


def interval(found: Sequence[Mapping[str, Any] | None]) -> str:
    """The interval over speakers, the mean of those of the runs that have one."""
    limits = [(figure["low"], figure["high"]) for figure in found if figure and "low" in figure]
    return " [{:.1f} to {:.1f}]".format(*np.mean(limits, axis=0)) if limits else ""


def value(records: Records, column: str, stand_ins: StandIns | None = None) -> float | None:
    """The figure of a column, or of what stands in for the model; None where it was not measured."""
    found = figures(records, column, stand_ins)
    return None if found is None else float(found["value"])


def figures(records: Records, column: str, stand_ins: StandIns | None = None) -> Mapping[str, Any] | None:
    """`value`, and where there is one the interval `low` to `high`; None where it was not measured."""
    which, part, name, figure = COLUMNS[column]
    rows = {row["name"]: row for row in records.get(which, {}).get(part, ())}
    names = (name,) if stand_ins is None else stand_ins.get(name, ())
    row = next((rows[name] for name in names if figure in rows.get(name, ())), None)
    if row is None:
        return None
    found = row[figure]
    return {**found, "value": found["accuracy"]} if isinstance(found, dict) else {**row, "value": found}


def share_of_input(records: Records, every: Sequence[Records], column: str) -> float | None:
    """What a phone figure from z is in percent of the same probe's on the input, of this run or of one probed alike."""
    _, part, name, _ = COLUMNS[column]
    own = value(records, column)
    if part != "phone" or name not in REFERENCES or own is None:
        return None
    alike = [other for other in every if same_probes(records, other)]
    wholes = (value(other, column, {name: [REFERENCES[name]]}) for other in [records, *alike])
    whole = next((figure for figure in wholes if figure), None)
    return 100 * own / whole if whole else None


def same_probes(one: Records, other: Records) -> bool:
    """Whether two runs were probed for phones on the same set, with as much context of frames as long."""
    keys = ("set", "context_frames", "frame_s")
    return all(one["probes"].get(key) == other.get("probes", {}).get(key) for key in keys)
