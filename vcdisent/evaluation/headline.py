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
UNTRAINED = "untrained model"
BASELINES: dict[str, StandIns] = {
    UNTRAINED: {
        name: [f"untrained_{name}"]
        for name in ("static", "dynamic_mean", "dynamic_mean_deviation", "dynamic_sample", "dynamic")
    },
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
"""Rows that need no training, by what stands in them for the rows of a model."""


def headline_table(runs: Mapping[str, Sequence[Records]]) -> str:
    """One row a configuration: the mean over its runs and, where there are several, the lowest and the highest.

    Args:
        runs: The records of each configuration's runs, one a seed, by name.

    Returns:
        A Markdown table; the share of the input's figure stands beside each phone figure, in percent of it, and the
        number of runs beside what was not measured of all of a row's. Rows that need no training come last, from the
        first run that has them.
    """
    every = [records for own in runs.values() for records in own]
    rows = [[name, str(len(own)), *(cell(own, column, every) for column in COLUMNS)] for name, own in runs.items()]
    for name, stand_ins in BASELINES.items():
        those = [records for records in every if any(value(records, c, stand_ins) is not None for c in COLUMNS)]
        if those:  # an untrained model is that of one run; the others have nothing to do with any
            chosen = those[:1] if name == UNTRAINED else those
            rows.append([name, "", *(first_cell(chosen, column, stand_ins) for column in COLUMNS)])
    return table(["", "seeds", *COLUMNS], rows)


def first_cell(runs: Sequence[Records], column: str, stand_ins: StandIns) -> str:
    """A figure that needs no training as text, from the first run that has it."""
    there = (records for records in runs if value(records, column, stand_ins) is not None)
    return next((f"{value(records, column, stand_ins):.1f}" for records in there), "")


def cell(runs: Sequence[Records], column: str, every: Sequence[Records]) -> str:
    """A figure over runs as text: `mean (lowest to highest)`, with the share of the input's behind a phone figure.

    The input is probed once: `every` run is searched for it.
    """
    there = [number for records in runs if (number := value(records, column)) is not None]
    if not there:
        return ""
    text = f"{np.mean(there):.1f}"
    if len(there) > 1:
        text += f" ({min(there):.1f} to {max(there):.1f})"
    if len(there) < len(runs):
        text += f" [{len(there)} of {len(runs)} runs]"
    whole = reference(every, column)
    return f"{text}, {100 * np.mean(there) / whole:.0f}% of input" if whole else text


def value(records: Records, column: str, stand_ins: StandIns | None = None) -> float | None:
    """The figure of a column, or of what stands in for the model; None where it was not measured."""
    which, part, name, figure = COLUMNS[column]
    rows = {row["name"]: row for row in records.get(which, {}).get(part, ())}
    names = (name,) if stand_ins is None else stand_ins.get(name, ())
    found = next((rows[name][figure] for name in names if figure in rows.get(name, ())), None)
    return float(found["accuracy"] if isinstance(found, dict) else found) if found is not None else None


def reference(every: Sequence[Records], column: str) -> float | None:
    """For a column of phones from z what the same probe finds in the input, in the first run where it was asked."""
    _, part, name, _ = COLUMNS[column]
    if part != "phone" or name not in REFERENCES:
        return None
    found = (value(records, column, {name: [REFERENCES[name]]}) for records in every)
    return next((figure for figure in found if figure is not None), None)
