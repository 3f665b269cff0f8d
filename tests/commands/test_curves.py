"""Curves of a training, from its log."""

from pathlib import Path

import pytest
from torch.utils.tensorboard import SummaryWriter

from vcdisent.commands.curves import curves_part, read_curves

VALUES = {600: 11.5, 1200: 4.25}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "mine_seed0"
    with SummaryWriter(folder / "tensorboard") as writer:
        for step, value in VALUES.items():
            writer.add_scalar("dev/static_eer", value, step)
            writer.add_scalar("train/loss", value, step)
    return folder


def test_figures_of_dev_are_read_in_order(run: Path) -> None:
    assert read_curves(run / "tensorboard") == {"static_eer": list(VALUES.items())}


def test_runs_with_a_log_are_drawn_beside_the_report(run: Path, tmp_path: Path) -> None:
    part = curves_part([run, tmp_path / "other_seed0"], tmp_path / "RESULTS.md")
    assert "(RESULTS_curves.png)" in part[-1]
    assert (tmp_path / "RESULTS_curves.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_log_there_is_no_picture(tmp_path: Path) -> None:
    assert curves_part([tmp_path / "other_seed0"], tmp_path / "RESULTS.md") == []
    assert list(tmp_path.iterdir()) == []
