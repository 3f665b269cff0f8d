"""`--train_args seed=2` trained seed 0: the recipe put its own overrides last, and of two Hydra takes the last."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from vcdisent.config import compose

REPOSITORY = Path(__file__).resolve().parents[2]
NOTE = '#!/bin/sh\necho "$*" >>"$CALLS"\n'


@pytest.fixture
def trained(tmp_path: Path) -> list[list[str]]:
    """The overrides that stage 3 gives for the model and for ECAPA-TDNN."""
    for name in ("recipes", "egs/timit/conf", "egs/timit/run.sh", "path.sh"):
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(REPOSITORY / name, tmp_path / name)
    command = tmp_path / "own/bin/vcdisent"
    command.parent.mkdir(parents=True)
    command.write_text(NOTE)
    command.chmod(0o755)
    options = ["--stage", "3", "--stop_stage", "3", "--train_args", "objective=dsvae seed=2 trainer.device=cuda"]
    options += ["--feature_args", "features=log_mel seed=1"]
    environment = {**os.environ, "VCDISENT_VENV": str(tmp_path / "own"), "CALLS": str(tmp_path / "calls")}
    subprocess.run([tmp_path / "egs/timit/run.sh", *options], env=environment, check=True, capture_output=True)
    return [line.split()[1:] for line in (tmp_path / "calls").read_text().splitlines()]


def test_what_the_user_gives_for_training_wins(trained: list[list[str]]) -> None:
    ours, ecapa = (compose(overrides) for overrides in trained)
    assert (ours["seed"], ours["trainer"]["device"], ours["features"]["kind"]) == (2, "cuda", "LogMel")
    assert ours["objective"] == compose(["objective=dsvae"])["objective"]
    assert (ecapa["seed"], ecapa["features"]["kind"]) == (1, "LogMel")
