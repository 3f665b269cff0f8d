"""vcdisent judge: learns, is tested on other sequences, and is read back; what does not fit is told in one line."""

import json
import shutil

import pytest
import torch

from vcdisent.commands.judge import JUDGE, load_judge, read_labelled
from vcdisent.errors import InputError

CPU = torch.device("cpu")


def test_it_learns_squares_and_says_how_well(video_judge_folder):
    record = json.loads((video_judge_folder / JUDGE).read_text())
    assert record["classes"] == {"colour": ["blue", "green", "red"], "direction": ["left", "right"]}
    assert record["accuracy"] == {"colour": 100.0, "direction": 100.0}
    assert (record["num_learnt"], record["num_tested"], record["num_frames"]) == (24, 12, 8)
    judge, again = load_judge(video_judge_folder, CPU)
    assert again == record and not judge.training


def test_the_same_command_goes_on_where_it_was(vcdisent, video_dump, video_judge_folder, tmp_path):
    folder = shutil.copytree(video_judge_folder, tmp_path / "judge")
    (folder / JUDGE).unlink()
    ran = vcdisent("judge", video_dump / "train", video_dump / "test", "-o", folder, "--max-steps", 40)
    assert ran.status == 0 and "colour" in ran.out and "100.00" in ran.out, ran
    assert load_judge(folder, CPU)[1]["accuracy"] == load_judge(video_judge_folder, CPU)[1]["accuracy"]


def refusal(vcdisent, *words):
    ran = vcdisent("judge", *words)
    assert ran.status == 2 and len(ran.err.splitlines()) == 1, ran
    return ran.err


def test_folders_that_do_not_go_together_are_refused(vcdisent, video_dump, tmp_path):
    train = shutil.copytree(video_dump / "train", tmp_path / "train")
    out = ("-o", tmp_path / "out")
    test = video_dump / "test"
    table = (train / "labels.csv").read_text()
    (train / "labels.csv").write_text(table.replace("colour,direction", "hue,direction"))
    assert "hue" in refusal(vcdisent, train, test, *out)
    (train / "labels.csv").write_text(table.replace(",left", ",right"))
    assert "direction 'left'" in refusal(vcdisent, train, test, *out)
    (train / "labels.csv").write_text("\n".join(table.splitlines()[:-1]) + "\n")
    assert "no row for" in refusal(vcdisent, train, test, *out)
    (train / "labels.csv").unlink()
    assert "labels.csv" in refusal(vcdisent, train, test, *out)
    assert "vcdisent features" in refusal(vcdisent, tmp_path / "none", test, *out)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_judge_is_not_gone_on_with(vcdisent, video_dump, video_judge_folder):
    before = (video_judge_folder / "state.pt").read_bytes()
    swapped = video_dump / "test", video_dump / "train"
    assert "learnt from other sequences" in refusal(vcdisent, *swapped, "-o", video_judge_folder)
    assert (video_judge_folder / "state.pt").read_bytes() == before


def test_a_folder_that_holds_no_judge_is_refused(video_judge_folder, tmp_path):
    folder = shutil.copytree(video_judge_folder, tmp_path / "judge")
    record = json.loads((folder / JUDGE).read_text())
    for broken in ("", "{}", json.dumps({**record, "accuracy": {}}), json.dumps({**record, "num_frames": None})):
        (folder / JUDGE).write_text(broken)
        with pytest.raises(InputError, match=JUDGE):
            load_judge(folder, CPU)
    (folder / JUDGE).write_text(json.dumps({**record, "classes": {"colour": ["a"]}, "accuracy": {"colour": 1.0}}))
    with pytest.raises(InputError, match="safetensors"):
        load_judge(folder, CPU)
    with pytest.raises(InputError, match="vcdisent judge"):
        load_judge(tmp_path, CPU)


def test_labels_are_in_the_order_of_the_frames(video_dump):
    bank, values = read_labelled(video_dump / "test")
    assert (
        bank.ids[0] == "blue4-left" and values["colour"][0] == "blue" and values["direction"][:2] == ["left", "right"]
    )
    assert [name.split("-")[1] for name in bank.ids] == values["direction"]
