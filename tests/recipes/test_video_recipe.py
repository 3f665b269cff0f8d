"""The recipes of video as integration tests: all stages, with a few steps of training of a small model."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SMALL = (
    "model.encoder.width=8 model.encoder.num_features=16 model.static_size=16 model.static_posterior.num_hidden=16 "
    "model.dynamic_posterior.num_hidden=16 model.prior.dynamic_size=8 model.prior.num_hidden=16 "
    "trainer.batch_size=16 trainer.max_steps=20 trainer.dev_every=10"
)
MNIST = Path(__file__).resolve().parents[2] / "../shared/data/mnist"
PICTURES = {"swap/swap", "traverse/traverse", "fixed_dynamic/samples", "fixed_static/samples"}
FEW_DIGITS = ("--mnist", str(MNIST), "--prepare_args=--num-train 120 --num-test 24")


def run(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`./run.sh OPTIONS` with the environment that runs this test."""
    command = [checkout / "run.sh", *options]
    environment = {"VCDISENT_VENV": sys.prefix, **os.environ}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.recipe
@pytest.mark.parametrize(
    ("egs", "name", "options"),
    [
        ("sprites", "drawn_sprites", ["--sprites", ""]),
        pytest.param(
            *("smmnist", "smmnist", FEW_DIGITS),
            marks=pytest.mark.skipif(not MNIST.is_dir(), reason="needs MNIST in ../shared/data"),
        ),
        pytest.param(
            *("mug", "drawn_mug", []),
            marks=pytest.mark.skipif(find_spec("cv2") is None, reason="faces are found by OpenCV: vcdisent[mug]"),
        ),
    ],
)
def test_a_recipe_runs_whole(checkout: Path, egs: str, name: str, options: list[str]) -> None:
    few = ("--tag", "few", "--train_args", SMALL, "--judge_args=--max-steps 20", "--measure_args=--num-draws 1")
    result = run(checkout, "--egs", egs, *options, *few)
    assert result.returncode == 0, result.stdout + result.stderr
    assert [stage for stage in range(8) if f" stage {stage}: " in result.stdout] == list(range(8))
    exp = checkout / "egs" / egs / "exp" / "few"
    record = json.loads((exp / "measures/test.json").read_text())
    assert record["judge"]["folder"] == f"exp/{name}_judge"
    for picture in PICTURES:
        assert (exp / "pictures" / f"{picture}.png").stat().st_size > 1000
        assert (exp / "pictures" / f"{picture}.gif").read_bytes()[:3] == b"GIF"
    results = (exp / "RESULTS.md").read_text()
    assert "## Video" in results and "The judge:" in results
    assert ("DRAWN" in results) == name.startswith("drawn_")
