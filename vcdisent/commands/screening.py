"""vcdisent report --dev: what dev said of configurations that were never shown the test set, one row each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vcdisent.atomic import write_text
from vcdisent.commands.curves import LOG, curves_part, read_curves
from vcdisent.commands.report import listed
from vcdisent.commands.seeds import configuration_name
from vcdisent.errors import InputError
from vcdisent.evaluation.report import table
from vcdisent.provenance import in_words
from vcdisent.training import checkpoint

COLUMNS = {
    "static EER": ("static_eer", 1),
    "z: mean": ("dynamic_mean_eer", 1),
    "z: mean and deviation": ("dynamic_mean_deviation_eer", 1),
    "I(s;x)": ("mi_static_contrastive", 2),
    "I(z;x)": ("mi_dynamic_contrastive", 2),
    "I(z;s), MWS": ("mi_cross_mws", 2),
    "place in z": ("dynamic_place_share", 2),
}
"""Headings, which figure of dev stands below, with how many decimals."""
NOTE = (
    "After the last step: error rates on dev in percent and their gap (z's mean less static); information in nats, "
    "read of one batch of training segments, by the paper's contrastive estimate, and I(z;s) by minibatch-weighted "
    "sampling, which for narrow posteriors reads I(z;x) and stays near its cap log B. Information compares only "
    "between configurations with one segment length and one keep-dynamic view. The last column is the share of z's "
    "variance that a frame's place in its segment explains, by chance 0.02."
)


def report_dev(folders: Sequence[Path], out: Path) -> int:
    """Writes one row a configuration, from the logs of checkpoint folders; those named NAME_seedN share a row.

    Raises:
        InputError: A folder has no log of dev.
    """
    runs: dict[str, list[dict[str, float]]] = {}
    for folder in folders:
        runs.setdefault(configuration_name(folder), []).append(last_figures(folder))
    rows = [
        [name, str(len(own)), *(cell([figures.get(n) for figures in own], d) for n, d in shown())]
        for name, own in runs.items()
    ]
    made_by = [f"{folder.name}: {in_words(checkpoint.load_yaml(folder / checkpoint.MADE_BY))}" for folder in folders]
    parts = ["# Results on dev", NOTE, table(["", "seeds", "steps", "gap", *COLUMNS], rows), listed(made_by)]
    write_text(out, "\n\n".join([*parts, *curves_part(folders, out)]) + "\n")
    print(out)
    return 0


def shown() -> list[tuple[str, int]]:
    """Names of the figures of a row, with how many decimals."""
    return [("steps", 0), ("gap", 1), *COLUMNS.values()]


def last_figures(folder: Path) -> dict[str, float]:
    """What dev said last, by name.

    Raises:
        InputError: The folder has no log of dev.
    """
    curves = read_curves(folder / LOG)
    if not curves:
        raise InputError(f"{folder}: has no log of dev in {LOG}; name checkpoint folders that vcdisent train has made")
    last = {name: values[-1][1] for name, values in curves.items()}
    gap = {"gap": last["dynamic_mean_eer"] - last["static_eer"]} if "dynamic_mean_eer" in last else {}
    return {"steps": float(curves["static_eer"][-1][0]), **gap, **last}


def cell(values: Sequence[float | None], decimals: int) -> str:
    """A figure over runs: its mean and, where there are several, the lowest and the highest."""
    there = [value for value in values if value is not None]
    if not there:
        return ""
    mean, low, high = (f"{value:.{decimals}f}" for value in (np.mean(there), min(there), max(there)))
    return mean if len(there) == 1 else f"{mean} ({low} to {high})"
