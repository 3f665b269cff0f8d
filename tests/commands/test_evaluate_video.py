"""vcdisent evaluate video writes measures, which reports show beside the judge's own accuracy and the pictures."""

import json
import math
import shutil

import pytest
import yaml

from vcdisent.evaluation.video_report import seeds_table


@pytest.fixture(scope="module")
def measured(video_folder, tmp_path_factory):
    """A checkpoint folder to write to."""
    return shutil.copytree(video_folder, tmp_path_factory.mktemp("exp") / "squares_seed0")


def evaluate(vcdisent, features, folder, judge, *more):
    words = ("--model", folder, "--judge", judge, "-o", folder / "measures/test.json", "--device", "cpu")
    return vcdisent("evaluate", "video", *words, features, "--num-draws", 2, *more)


def test_measures_are_written_and_told(vcdisent, video_dump, measured, video_judge_folder):
    ran = evaluate(vcdisent, video_dump / "test", measured, video_judge_folder)
    assert ran.status == 0, ran
    record = json.loads((measured / "measures/test.json").read_text())
    assert len(record["rows"]) == 10 and record["num_sequences"] == 12 and record["num_draws"] == 2
    rows = {(row["sequences"], row["label"], row["expected"]): row for row in record["rows"]}
    assert rows["real", "colour", "own"]["accuracy"]["mean"] == 100
    assert {key[2] for key in rows if key[0] == "swap"} == {"own", "other"}
    information = record["information"]
    assert (
        0 < information["mi_static_contrastive"] <= math.log(2 * 12 - 1) and "of one batch, in nats: I(s;x)" in ran.out
    )
    assert record["judge"]["accuracy"] == {"colour": 100.0, "direction": 100.0}
    assert "| s of a test sequence, z from the prior | colour stays " in ran.out and "reconstruction error" in ran.out


def test_the_report_has_the_table_the_judge_and_the_pictures(vcdisent, measured, video_dump, tmp_path):
    clips = [video_dump.parent / "test" / f"{name}.npy" for name in ("red4-left", "blue5-right")]
    ran = vcdisent("swap", *clips, "--model", measured, "--device", "cpu", "-o", measured / "pictures/swap")
    assert ran.status == 0, ran
    assert vcdisent("report", measured, "-o", measured / "RESULTS.md").status == 0
    text = (measured / "RESULTS.md").read_text()
    assert "## Video" in text and "colour is the other's" in text and "real test sequences" in text
    assert "(pictures/swap/swap.png)" in text and "(pictures/swap/swap.gif)" in text
    assert "## Verification" not in text
    assert vcdisent("report", "--seeds", measured, "-o", tmp_path / "SEEDS.md").status == 0
    assert "## test: squares" in (tmp_path / "SEEDS.md").read_text()


def test_fewer_sequences_are_picked_evenly(vcdisent, video_dump, measured, video_judge_folder, tmp_path):
    out = tmp_path / "few.json"
    words = ("--model", measured, "--judge", video_judge_folder, "--device", "cpu", "--max-sequences", 3)
    ran = vcdisent("evaluate", "video", video_dump / "test", *words, "--num-draws", 1, "-o", out)
    assert ran.status == 0, ran
    record = json.loads(out.read_text())
    assert record["num_sequences"] == 3 and "±" not in ran.out


def test_seeds_are_put_together():
    def record(accuracy):
        figures = {name: {"mean": 1.0} for name in ("inception_score", "entropy_given_x", "entropy")}
        row = {"sequences": "swap", "label": "a", "expected": "own", "accuracy": {"mean": accuracy}, **figures}
        told = {"mi_static_contrastive": accuracy / 10, "mi_cross_mws": 1.0}
        error = {"squared_error": accuracy}
        return {"rows": [row], "num_sequences": 7, "reconstruction": error, "information": told}

    table = seeds_table([record(90.0), record(96.0)])
    assert "93.00 (90.00 to 96.00)" in table and table.startswith("2 seeds, 7 sequences each")
    assert "I(s;x) contrastive 9.30 (9.00 to 9.60), I(z;s) minibatch-weighted 1.00 (1.00 to 1.00)" in table


def test_what_does_not_fit_is_one_line(vcdisent, video_dump, measured, video_judge_folder, tmp_path):
    def refusal(*words):
        ran = evaluate(vcdisent, *words)
        assert ran.status == 2 and len(ran.err.splitlines()) == 1, ran
        return ran.err

    assert "vcdisent judge" in refusal(video_dump / "test", measured, tmp_path)
    assert "vcdisent features" in refusal(tmp_path, measured, video_judge_folder)
    config = yaml.safe_load((measured / "config.yaml").read_text())
    config["corpus"]["dynamic_labels"] = ["action"]
    other = shutil.copytree(measured, tmp_path / "other")
    (other / "config.yaml").write_text(yaml.safe_dump(config))
    assert "corpus.dynamic_labels=['action']" in refusal(video_dump / "test", other, video_judge_folder)
    ran = vcdisent("evaluate", "video", video_dump / "test", "-o", tmp_path / "x.json")
    assert ran.status == 2 and "--judge FOLDER" in ran.err
