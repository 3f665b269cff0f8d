"""recipes/video.sh, with a `vcdisent` that only notes what it is asked."""

import os
import re
import subprocess
from pathlib import Path

import pytest

NOTING = """#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
[ "$1" != report ] || { mkdir -p "${4%/*}" && echo figures >"$4"; }
[ "$1 $2" = "prepare drawn_sprites" ] || exit 0
mkdir -p "$4/test"
printf 'a-1 ../frames/a b.npy[0]\\nb-1 ../frames/b.npy[3]\\nc-2 ../frames/c.npy[1]\\n' >"$4/test/frames.scp"
"""


class TestStages:
    """What each stage asks for."""

    @pytest.fixture(autouse=True)
    def _environment(self, checkout: Path, tmp_path: Path) -> None:
        self.root, self.own, self.calls = checkout, tmp_path / "own", tmp_path / "calls"
        (self.own / "bin").mkdir(parents=True)
        for name in ("vcdisent", "torchrun"):
            (self.own / "bin" / name).write_text(NOTING)
            (self.own / "bin" / name).chmod(0o755)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        variables = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "VCDISENT_VENV": str(self.own)}
        variables |= {"CALLS": str(self.calls)}
        command = [str(self.root / "run.sh"), *options]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=self.root.parent, env=variables, timeout=60, check=False
        )

    def asked(self, *options: str) -> list[str]:
        """The commands that a run gives."""
        result = self.run(*options)
        assert result.returncode == 0, result.stderr
        return self.calls.read_text().splitlines()

    def test_all_stages_on_the_stand_in(self) -> None:
        calls = self.asked("--egs", "sprites", "--sprites", "", "--ngpu", "0", "--train_args", "seed=3")
        exp, dump, test = "exp/drawn_sprites_seed0", "dump/drawn_sprites", "data/drawn_sprites/test/../frames"
        a, b = f"{test}/a b.npy[0]", f"{test}/c.npy[1]"
        model = f"--model {exp} --device cpu"
        assert calls == [
            "vcdisent prepare drawn_sprites downloads/drawn_sprites data/drawn_sprites",
            *(
                f"vcdisent features data/drawn_sprites/{part} {dump}/{part} experiment=sprites"
                for part in ("dev", "test", "train")
            ),
            f"vcdisent train corpus=drawn_sprites corpus.train={dump}/train corpus.dev={dump}/dev trainer.device=cpu "
            f"seed=0 experiment=sprites out={exp} model.encoder.width=16 trainer.batch_size=32 "
            "trainer.max_steps=600 trainer.dev_every=200 seed=3",
            f"vcdisent judge {dump}/train {dump}/test -o exp/drawn_sprites_judge --device cpu --max-steps 600",
            f"vcdisent evaluate video {dump}/test --model {exp} --judge exp/drawn_sprites_judge "
            f"-o {exp}/measures/test.json --device cpu",
            f"vcdisent swap {a} {b} -o {exp}/pictures/swap {model}",
            f"vcdisent generate --fix dynamic --dynamic {a} --num 8 -o {exp}/pictures/fixed_dynamic {model}",
            f"vcdisent generate --fix static --static {a} --num 8 -o {exp}/pictures/fixed_static {model}",
            f"vcdisent traverse {a} {b} -o {exp}/pictures/traverse {model}",
            f"vcdisent report {exp} -o {exp}/RESULTS.md",
        ]

    def test_a_given_corpus_is_found_from_where_the_user_stands_and_trained_in_full(self) -> None:
        prepare, train = (
            self.asked("--egs", "sprites", "--sprites", "sheets", "--stage", stage, "--stop_stage", stage)[-1]
            for stage in ("0", "3")
        )
        assert prepare == f"vcdisent prepare sprites {self.root.parent}/sheets data/sprites"
        assert "max_steps" not in train and train.endswith("out=exp/sprites_seed0")

    def test_the_judge_of_mug_knows_the_subjects_of_test(self) -> None:
        options = ("--egs", "mug", "--stage", "4", "--stop_stage", "4")
        judge, _ = self.asked(*options)
        assert judge.startswith("vcdisent judge dump/drawn_mug/judge dump/drawn_mug/test -o exp/drawn_mug_judge ")

    def test_mnist_has_an_option_of_its_own_and_options_go_to_prepare(self) -> None:
        options = ("--egs", "smmnist", "--stop_stage", "0", "--mnist", "/digits", "--prepare_args=--digits 2 --nj 4")
        (prepare,) = self.asked(*options)
        assert re.fullmatch(r"vcdisent prepare smmnist /digits data/smmnist --nj \d+ --digits 2 --nj 4", prepare)

    def test_data_made_by_other_options_have_folders_of_their_own(self) -> None:
        own = ("--data_name", "two_digits", "--prepare_args=--digits 2", "--mnist", "/digits", "--stop_stage", "4")
        prepare, *_, train, judge, _ = self.asked("--egs", "smmnist", *own)
        assert prepare.startswith("vcdisent prepare smmnist /digits data/two_digits ")
        assert "corpus=smmnist corpus.train=dump/two_digits/train" in train and "out=exp/two_digits_seed0" in train
        assert " -o exp/two_digits_judge" in judge

    def test_several_gpus_go_through_torchrun_and_the_tag_names_the_folder(self) -> None:
        options = ("--egs", "smmnist", "--stage", "3", "--stop_stage", "3", "--ngpu", "2", "--tag", "wide")
        (train,) = self.asked(*options)
        assert train.startswith("torchrun --standalone --nproc_per_node=2 --no-python vcdisent train corpus=smmnist ")
        assert train.endswith(" experiment=smmnist out=exp/wide")

    @pytest.mark.parametrize(("egs", "word"), [("sprites", "DRAWN"), ("mug", "DRAWN")])
    def test_what_is_drawn_is_called_so(self, egs: str, word: str) -> None:
        assert word in self.run("--egs", egs, f"--{egs}", "", "--stop_stage", "0").stdout

    @pytest.mark.parametrize("egs", ["sprites", "smmnist", "mug"])
    def test_help_runs_nothing(self, egs: str) -> None:
        result = self.run("--egs", egs, "--help")
        assert (result.returncode, result.stderr, self.calls.exists()) == (0, "", False)
        assert all(f"--{option}" in result.stdout for option in ("stage ", "train_args ", "judge_args=", "ngpu "))

    @pytest.mark.parametrize("stages", [("--stage", "9"), ("--stop_stage", "8"), ("--stage", "4", "--stop_stage", "3")])
    def test_stages_that_are_none_are_refused(self, stages: tuple[str, ...]) -> None:
        for egs in ("sprites", "timit"):
            result = self.run("--egs", egs, *stages)
            assert result.returncode == 2 and "they are 0 to 7" in result.stderr and not self.calls.exists()
