"""Pictures of figures over training: how much s and z tell of the sequence and of each other, and the error rates."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vcdisent.atomic import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curves = Mapping[str, Sequence[tuple[int, float]]]
"""Steps and values of each figure of a run."""

PANELS = {
    "I(s;x), contrastive": "mi_static_contrastive",
    "I(z;x), contrastive": "mi_dynamic_contrastive",
    "I(z;s), minibatch-weighted": "mi_cross_mws",
    "static EER, %": "static_eer",
    "z, mean: EER, %": "dynamic_mean_eer",
    "z, mean and deviation: EER, %": "dynamic_mean_deviation_eer",
    "copies: log-spectral distance, dB": "log_spectral_distance_db",
}
"""Title of each panel and the figure in it; those that no run has are left out. Information is in nats."""
NUM_COLUMNS, PANEL_INCHES, DOTS_PER_INCH = 3, (4.0, 3.25), 100


def draw_curves(path: Path, runs: Mapping[str, Curves]) -> None:
    """Writes a picture with a panel a figure and a line a run.

    Args:
        path: Of the picture, which appears whole or not at all.
        runs: The curves of each run by its name.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = {title: name for title, name in PANELS.items() if any(name in curves for curves in runs.values())}
    num_columns = max(1, min(NUM_COLUMNS, len(panels)))
    num_rows = max(1, math.ceil(len(panels) / num_columns))
    size = num_columns * PANEL_INCHES[0], num_rows * PANEL_INCHES[1]
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(num_rows, num_columns, squeeze=False)
    for axes, (title, name) in zip(grid.flat, panels.items(), strict=False):
        draw_panel(axes, title, name, runs)
    for axes in list(grid.flat)[len(panels) :]:
        axes.remove()
    named = {
        label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), 5), frameon=False)
    with whole_file(path) as partial:
        figure.savefig(partial)


def draw_panel(axes: "Axes", title: str, name: str, runs: Mapping[str, Curves]) -> None:
    """Draws one figure, a line for each run that has it, a run always in the same colour."""
    for number, (run, curves) in enumerate(runs.items()):
        if name in curves:
            axes.plot(*zip(*curves[name], strict=True), f"C{number % 10}", marker="o", markersize=3, label=run)
    axes.set(title=title, xlabel="step")
    if name.endswith("_eer"):  # the whole range, so that noise looks like noise
        axes.set_ylim(0, max(10, axes.get_ylim()[1]) if name == "static_eer" else 60)
    axes.grid(alpha=0.3)
