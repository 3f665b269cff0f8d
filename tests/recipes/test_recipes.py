"""The recipe as the integration test: egs/timit on minitimit, all stages, with a few steps of training."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("espeakng_loader", reason="minitimit is spoken by eSpeak NG: pip install 'vcdisent[minitimit]'")
FEW_STEPS = "trainer.max_steps=30 trainer.dev_every=15"
FEWER_STEPS = "trainer.max_steps=10 trainer.dev_every=5"  # ECAPA-TDNN's are slower
NUM_SPEAKERS, NUM_UTTERANCES = 4, 32  # of minitimit's test set


def run(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`./run.sh OPTIONS` with the environment that runs this test."""
    environment = {"VCDISENT_VENV": sys.prefix, **os.environ}
    command = [checkout / "run.sh", *options]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def finished(checkout: Path) -> tuple[Path, str]:
    """The recipe's folder after all stages, and what they printed."""
    options = ["--tag", "few", "--train_args", FEW_STEPS, "--ecapa_args", FEWER_STEPS]
    result = run(checkout, *options)
    assert result.returncode == 0, result.stdout + result.stderr
    again = run(checkout, "--stage", "6", "--vocoder", "griffin_lim", *options)
    assert again.returncode == 0, again.stdout + again.stderr
    return checkout / "egs" / "timit", result.stdout


@pytest.mark.recipe
def test_timit_runs_whole_on_minitimit(finished: tuple[Path, str]) -> None:
    egs, printed = finished
    exp = egs / "exp" / "few"
    check_announcements(printed)
    check_scores(exp / "scores" / "test")
    check_conversions(egs / "data" / "minitimit" / "conversions", exp / "converted")
    check_results((exp / "RESULTS.md").read_text())


def check_announcements(printed: str) -> None:
    assert [stage for stage in range(8) if f" stage {stage}: " in printed] == list(range(8))
    assert "SYNTHETIC" in printed


def check_scores(folder: Path) -> None:
    record = json.loads((folder / "verification.json").read_text())
    num_trials = NUM_UTTERANCES * (NUM_UTTERANCES - 1) // 2
    assert (record["num_trials"], record["num_speakers"]) == (num_trials, NUM_SPEAKERS)
    rates = {row["name"]: row["eer"] for row in record["rows"]}
    assert {"static", "dynamic_mean", "dynamic_sample", "mean_spectrum", "noise"} <= rates.keys()
    assert all(0 <= rate <= 100 for rate in rates.values())
    assert rates["mean_spectrum"] < 25 < rates["noise"]
    lines = (folder / "static.scores").read_text().splitlines()
    assert len(lines) == num_trials
    assert all(-1.001 <= float(line.split()[2]) <= 1.001 for line in lines)


def check_conversions(listed: Path, converted: Path) -> None:
    """Both vocoders have made each conversion, as long as its source and not silent."""
    lines = [line.split() for line in listed.read_text().splitlines()]
    assert len(lines) == (2 + 1) * NUM_SPEAKERS  # two other voices, and its own
    for vocoder in ("griffin_lim", "source_filter"):
        for source, _, name in lines:
            wav, sample_rate = soundfile.read(converted / vocoder / f"{name}.wav")
            assert abs(len(wav) / sample_rate - soundfile.info(source).duration) < 0.01
            assert wav.std() > 1e-3


def check_results(results: str) -> None:
    assert "EER" in results
    assert "SYNTHETIC" in results
    for row in ("| few, static", "| few, dynamic", "| mean spectrum", "| minitimit_ecapa_seed0, static"):
        assert row in results
    assert "`few/converted/source_filter`: 12 recordings" in results
