"""What the log of a training says of dev, as a picture for the report."""

import logging
from collections.abc import Sequence
from pathlib import Path

from vcdisent.evaluation.curves import Curves, draw_curves

DEV = "dev/"
LOG = "tensorboard"


def curves_part(folders: Sequence[Path], out: Path) -> list[str]:
    """Draws the curves of the runs that have a log into a picture beside `out`, and links to it in Markdown."""
    runs = {folder.resolve().name: curves for folder in folders if (curves := read_curves(folder / LOG))}
    if not runs:
        return []
    picture = out.with_name(f"{out.stem}_curves.png")
    draw_curves(picture, runs)
    return ["## Over training", f"![Figures of dev over training]({picture.name})"]


def read_curves(log: Path) -> Curves:
    """Steps and values of each figure of dev in a TensorBoard log; none where there is no log."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    if not log.is_dir():
        return {}
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it tells of each resumption
    events = EventAccumulator(str(log), size_guidance={"scalars": 0})
    events.Reload()
    names = [name for name in events.Tags()["scalars"] if name.startswith(DEV)]
    return {name.removeprefix(DEV): [(event.step, event.value) for event in events.Scalars(name)] for name in names}
