"""Several ranks: two that share a batch take the steps that one takes alone."""

import subprocess
import sys

import pytest
import torch
import yaml

from vcdisent.commands.train import train
from vcdisent.config import compose
from vcdisent.errors import InputError
from vcdisent.training.distributed import agreed, averaged, earliest, pick_device, process_group, wrap


def test_one_process_is_left_alone(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    cpu, module = torch.device("cpu"), torch.nn.Linear(2, 2)
    with process_group(cpu) as (rank, num_ranks):
        assert (rank, num_ranks) == (0, 1) and not torch.distributed.is_initialized()
    assert wrap(module, cpu, 1) is module
    assert agreed(True, cpu) is True and agreed(False, cpu) is False
    assert averaged({"a": torch.tensor(1.5, requires_grad=True), "b": torch.tensor(2)}) == {"a": 1.5, "b": 2.0}
    assert earliest(torch.tensor([3, 2**62])) == [3, 2**62]


@pytest.mark.parametrize(
    ("name", "num_gpus", "local_rank", "expected"),
    [
        ("cpu", 0, "0", "cpu"),
        ("cpu", 2, "0", "cpu"),
        ("auto", 0, "0", "cpu"),
        ("auto", 2, "1", "cuda:1"),
        ("cuda", 2, "1", "cuda:1"),
        ("cuda:0", 2, "1", "cuda:0"),
        ("cuda", 0, "0", None),
        ("cuda:2", 2, "0", None),
        ("gpu", 2, "0", None),
        ("meta", 2, "0", None),
        ("", 2, "0", None),
        (None, 2, "0", None),
    ],
)
def test_picks_a_device_that_is_here(monkeypatch, name, num_gpus, local_rank, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: num_gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: num_gpus)
    monkeypatch.setenv("LOCAL_RANK", local_rank)
    if expected:
        assert pick_device(name) == torch.device(expected)
    else:
        with pytest.raises(InputError, match="use auto") as caught:
            pick_device(name)
        assert repr(name) in str(caught.value)


def torchrun(num_ranks, *words):
    command = ["torch.distributed.run", "--standalone", "--nproc_per_node", num_ranks, "-m", "vcdisent.cli", *words]
    return subprocess.run([sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_two_ranks_take_the_steps_of_one(tiny, logged, tmp_path):
    overrides = [*tiny, "trainer.log_every=3"]
    train(compose([*overrides, f"out={tmp_path}/one"]))
    ran = torchrun(2, "train", *overrides, "trainer.max_minutes=0", f"out={tmp_path}/two")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("the same command goes on") == 1, "one rank speaks"
    train(compose([*overrides, f"out={tmp_path}/two"]))
    one, two = logged(tmp_path / "one"), logged(tmp_path / "two")
    assert one.keys() == two.keys() and set(two["train/loss"]) == {3, 6}
    for tag in one:
        assert two[tag] == pytest.approx(one[tag], rel=2e-3, abs=1e-3), tag
    # A rank that saw its own half alone would have 6 negatives rather than 14, and another figure.
    assert two["train/mi_static"][3] == pytest.approx(one["train/mi_static"][3], abs=1e-3)
    assert one["train/mi_static"][3] > 0.1
    dev = [yaml.safe_load((tmp_path / name / "dev.yaml").read_text()) for name in ("one", "two")]
    assert dev[0] == pytest.approx(dev[1], rel=1e-2)
