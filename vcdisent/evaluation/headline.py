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
    "phone from z, linear": ("probes", "phone", "dynamic", "linear"),
    "phone from z, non-linear": ("probes", "phone", "dynamic", "non_linear"),
    "phone from s": ("probes", "phone", "static", "non_linear"),
    "speaker from z, a frame": ("probes", "speaker", "dynamic", "non_linear"),
    "speaker from s": ("probes", "speaker", "static_recording", "non_linear"),
}
"""Columns, all in percent: heading, which record, which of its tables, which row, which figure."""

REFERENCE = "frames_context"
"""The row of the phone table that has what there is to be had, from as many frames as a z_t has seen."""
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
        "dynamic": [REFERENCE, "frames"],  # phones alone are probed with neighbours
    },
}
"""Rows that need no training, by what stands in them for the rows of a model."""


def headline_table(runs: Mapping[str, Sequence[Records]]) -> str:
    """One row a configuration: the mean over its runs and, where there are several, the lowest and the highest.

    Args:
        runs: The records of each configuration's runs, one a seed, by name.

    Returns:
        A Markdown table; the share of the input's figure stands beside each phone figure, in percent of it. Rows that
        need no training come last, from the first run that has them.
    """
    rows = [[name, str(len(own)), *(cell(own, column) for column in COLUMNS)] for name, own in runs.items()]
    every = [records for own in runs.values() for records in own]
    for name, stand_ins in BASELINES.items():
        those = [records for records in every if any(value(records, c, stand_ins) is not None for c in COLUMNS)]
        if those:  # an untrained model is that of one run; the others have nothing to do with any
            chosen = those[:1] if name == UNTRAINED else those
            rows.append([name, "", *(first_cell(chosen, column, stand_ins) for column in COLUMNS)])
    return table(["", "seeds", *COLUMNS], rows)


def first_cell(runs: Sequence[Records], column: str, stand_ins: StandIns) -> str:
    """A figure that needs no training as text, from the first run that has it."""
    there = (records for records in runs if value(records, column, stand_ins) is not None)
    return next((cell([records], column, stand_ins) for records in there), "")


def cell(runs: Sequence[Records], column: str, stand_ins: StandIns | None = None) -> str:
    """A figure over runs as text: `mean (lowest to highest)`, with the share of the input's behind a phone figure."""
    values = [value(records, column, stand_ins) for records in runs]
    there = [number for number in values if number is not None]
    if not there:
        return ""
    text = f"{np.mean(there):.1f}"
    if len(there) > 1:
        text += f" ({min(there):.1f} to {max(there):.1f})"
    shares = [share for records in runs if (share := share_of_input(records, column)) is not None]
    return f"{text}, {np.mean(shares):.0f}% of input" if shares and stand_ins is None else text


def value(records: Records, column: str, stand_ins: StandIns | None = None) -> float | None:
    """The figure of a column, or of what stands in for the model; None where it was not measured."""
    which, part, name, figure = COLUMNS[column]
    rows = {row["name"]: row for row in records.get(which, {}).get(part, ())}
    names = (name,) if stand_ins is None else stand_ins.get(name, ())
    found = next((rows[name][figure] for name in names if figure in rows.get(name, ())), None)
    return float(found["accuracy"] if isinstance(found, dict) else found) if found is not None else None


def share_of_input(records: Records, column: str) -> float | None:
    """What a phone figure from z is in percent of the same probe's on as many input frames as a z_t has seen."""
    _, part, name, _ = COLUMNS[column]
    own, whole = value(records, column), value(records, column, {name: [REFERENCE]})
    return 100 * own / whole if part == "phone" and name == "dynamic" and own and whole else None
