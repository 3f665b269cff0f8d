"""Pictures of figures over training: how much s and z tell of the sequence and of each other, and the error rates."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vcdisent.atomic import whole_file

Curves = Mapping[str, Sequence[tuple[int, float]]]
"""Steps and values of each figure of a run."""

PANELS = {
    "I(s;x), contrastive": "mi_static_contrastive",
    "I(z;x), contrastive": "mi_dynamic_contrastive",
    "I(z;s), minibatch-weighted": "mi_cross_mws",
    "static EER, %": "static_eer",
    "z, mean: EER, %": "dynamic_mean_eer",
    "z, mean and deviation: EER, %": "dynamic_mean_deviation_eer",
}
"""Title of each panel and the figure in it. Information is in nats."""
SIZE_INCHES, DOTS_PER_INCH = (12.0, 6.5), 100


def draw_curves(path: Path, runs: Mapping[str, Curves]) -> None:
    """Writes a picture with a panel a figure and a line a run.

    Args:
        path: Of the picture, which appears whole or not at all.
        runs: The curves of each run by its name.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(2, len(PANELS) // 2, squeeze=False)
    for axes, (title, name) in zip(grid.flat, PANELS.items(), strict=True):
        for number, (run, curves) in enumerate(runs.items()):
            steps, values = zip(*curves.get(name, [(0, float("nan"))]), strict=True)
            axes.plot(steps, values, f"C{number % 10}", marker="o", markersize=3, label=run)
        axes.set(title=title, xlabel="step")
        if name.endswith("_eer"):  # the whole range, so that noise looks like noise
            axes.set_ylim(0, max(10, axes.get_ylim()[1]) if name == "static_eer" else 60)
        axes.grid(alpha=0.3)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(runs), 5), frameon=False)
    with whole_file(path) as partial:
        figure.savefig(partial)
