"""What the tests of training look at: its log."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def logged() -> Callable[[Path], dict[str, dict[int, float]]]:
    """Reads the scalars that a run has logged: by tag, the value of each step; a step that is there twice fails."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read(folder: Path) -> dict[str, dict[int, float]]:
        events = EventAccumulator(str(folder / "tensorboard")).Reload()
        scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
        assert all(len({e.step for e in series}) == len(series) for series in scalars.values())
        return {tag: {e.step: e.value for e in series} for tag, series in scalars.items()}

    return read
