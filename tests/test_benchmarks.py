"""The benchmarks run, at their smallest, and see that rivals do the same work. How fast is not asserted."""

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Iterator[Run]:
    """Runs a script with arguments as the command line would; gives what it printed."""
    num_threads = torch.get_num_threads()
    monkeypatch.syspath_prepend(BENCHMARKS)

    def run_script(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(BENCHMARKS / name), run_name="__main__")
        return capsys.readouterr().out

    yield run_script
    torch.set_num_threads(num_threads)


def rows(printed: str) -> dict[str, list[str]]:
    """Cells by first cell of the tables in what was printed."""
    lines = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("| ")]
    return {first: rest for first, *rest in lines}


def median(cell: str) -> float:
    return float(cell.split()[0])


def test_training_step(run: Run) -> None:
    printed = run("training_step.py", "--threads=1", "--batch_size=3", "--num_steps=2", "model.segment_frames=6")
    table = rows(printed)
    assert "loss of all rivals" in printed and "gradient_norm of all rivals" in printed
    assert next(iter(table)) == "a step of 3 x 6 frames"
    assert table["vcdisent"][1] == "1"
    for name in ("prior looped over time", "and views encoded in passes of their own", "and views decoded too"):
        assert median(table[name][0]) > 0 and median(table[name][1]) > 0


def test_video_step(run: Run) -> None:
    small = ["features.height=16", "features.width=16", "model.segment_frames=3", "model.encoder.width=4"]
    small += [f"model.{part}.num_hidden=8" for part in ("static_posterior", "dynamic_posterior", "prior")]
    printed = run("video_step.py", "--threads=1", "--batch_size=3", "--num_steps=1", *small)
    table = rows(printed)
    assert "loss in float32 of all rivals" in printed and "gradient_norm in float32 of all rivals" in printed
    assert next(iter(table)) == "a step of 3 x 3 frames" and table["vcdisent"][1] == "1"
    assert median(table["the released step, plainly"][0]) > 0
    assert ("vcdisent, convolutions in bfloat16" in table) != ("only imitates it" in printed)


def test_other_work_ends_the_run(run: Run) -> None:
    """The autoregressive posterior feeds samples back, which the rival with separate passes does not."""
    with pytest.raises(SystemExit, match=r"(loss|gradient_norm) of the rivals differ"):
        run("training_step.py", "--threads=1", "--batch_size=3", "posterior=autoregressive", "model.segment_frames=6")


def test_features(run: Run) -> None:
    printed = run("features.py", "--threads=1", "--seconds=0.5", "--num_repeats=1")
    table = rows(printed)
    assert "LogMagnitude and its rival differ by at most" in printed and "LogMel and its rival" in printed
    for name in ("LogMagnitude", "LogMel", "World", "librosa.stft, log", "librosa.feature.melspectrogram, log"):
        assert median(table[name][0]) > 0


def test_classical(run: Run) -> None:
    small = ("--threads=1", "--num_utterances=4", "--seconds=0.5", "--num_views=1", "--num_repeats=1", "--methods")
    table = rows(run("classical.py", *small, "world"))
    assert median(table["world"][0]) > 0 and table["world"][1] == "1"
    assert median(table["world, analysed for every conversion"][0]) > 0


def test_verification(run: Run) -> None:
    printed = run(
        "verification.py", "--threads=1", "--num_trials=20000", "--num_speechbrain_trials=300", "--num_repeats=1"
    )
    table = rows(printed)
    assert "equal_error_rate, 20,000 trials" in table and "speechbrain.utils.metric_stats.EER, 300 trials" in table
    assert printed.index("by vcdisent") < printed.index("by sklearn.metrics.roc_curve")


@pytest.mark.slow
def test_conversion(run: Run) -> None:
    printed = run("conversion.py", "--threads=1", "--seconds", "1", "--num_repeats=1", "--vocoders", "griffin_lim")
    table = rows(printed)
    assert median(table["Converter.convert, griffin_lim, 1 s"][0]) > 0
    assert median(table["torchaudio.transforms.GriffinLim alone, 1 s"][1]) > 0
    assert 1 < median(table["vcdisent --help"][1]) < 100, "a process that imports torch takes hundreds of MB"
    assert median(table["vcdisent convert, griffin_lim, 1 s"][1]) > 100


def test_timing_tells_a_row_from_its_rival(run: Run) -> None:
    from timing import compare, see_that_equal, spread

    assert compare({"ours": [2.0, 4.0], "theirs": [1.0, 8.0]}, unit_s=2.0) == [
        ["ours", "1.5 (1 to 2)", "1"],
        ["theirs", "2.25 (0.5 to 4)", "1.25 (0.5 to 2)"],
    ]
    assert spread([0.5]) == "0.5"
    with pytest.raises(SystemExit):
        see_that_equal("loss", {"ours": 1.0, "theirs": 1.001}, 1e-4)
