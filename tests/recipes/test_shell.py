"""The recipes' shell: options, the environment that path.sh builds, and which command each stage gives."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path
    for pattern in ("*.sh", ".ci/run", "recipes/**/*.sh", "egs/*/*.sh", "egs/*/local/*.sh", "egs/*/conf/*.sh")
    for path in REPOSITORY.glob(pattern)
)
LISTING = """
set -euo pipefail
num_jobs=4
tag=
trim=true
secret=0
help_message="Usage: --num_jobs N, --tag NAME, --trim true|false"
. {parse_options}
echo "$num_jobs|$tag|$trim|$*"
"""
# Stands in for Python, venv and pip: notes what it is asked, and makes the files that matter.
PYTHON = """#!/usr/bin/env bash
case $* in
  "-c "*) exit {wrong_version} ;;
  --version) echo "Python 3.11.0" ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$CALLS" ;;
  "-m pip install "*)
    echo pip >>"$CALLS"
    sleep "${{PIP_SECONDS:-0}}"
    [[ ! -e $CALLS.broken ]] || {{ echo "no room left"; exit 1; }}
    printf '#!/bin/sh\\necho the command' >"${{0%/*}}/vcdisent"
    chmod +x "${{0%/*}}/vcdisent"
    ;;
esac
"""


def bash(script: str, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `script` in a shell without this one's environment; a variable given as PATH replaces the plain one."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), **environment}
    command = ["bash", "-c", script, "script", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=variables, timeout=60, check=False)


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_scripts_are_bash(script: Path) -> None:
    result = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


class TestOptions:
    """recipes/utils/parse_options.sh."""

    @staticmethod
    def parse(*arguments: str) -> subprocess.CompletedProcess[str]:
        return bash(LISTING.format(parse_options=REPOSITORY / "recipes/utils/parse_options.sh"), *arguments)

    @pytest.mark.parametrize(
        ("arguments", "values"),
        [
            ([], "4||true|"),
            (["--num_jobs", "8"], "8||true|"),
            (["--num-jobs", "8", "--tag", "a b"], "8|a b|true|"),
            (["--num_jobs=0", "--tag=--x=1", "--trim=false"], "0|--x=1|false|"),
            (["--tag", "", "file", "--num_jobs", "9"], "4||true|file --num_jobs 9"),
            (["--num_jobs", "2", "--", "--tag", "x"], "2||true|--tag x"),
        ],
    )
    def test_values(self, arguments: list[str], values: str) -> None:
        result = self.parse(*arguments)
        assert (result.stdout.rstrip("\n"), result.stderr, result.returncode) == (values, "", 0)

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["--nmu_jobs", "8"], "unknown option --nmu_jobs"),
            (["--nmu_jobs=8"], "unknown option --nmu_jobs"),
            (["--secret", "8"], "unknown option --secret"),
            (["--PATH", "/"], "unknown option --PATH"),
            (["-n", "8"], "unknown option -n"),
            (["--num_jobs"], "option --num_jobs needs a value"),
            (
                ["--tag", "--trim", "true"],
                'option --tag needs a value; one that begins with -- is given as --tag="--trim ..."',
            ),
            (["--num_jobs", "many"], "option --num_jobs takes a whole number, not 'many'"),
            (["--trim", "yes"], "option --trim takes true or false, not 'yes'"),
        ],
    )
    def test_a_mistake_is_one_line_and_status_2(self, arguments: list[str], complaint: str) -> None:
        result = self.parse(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == f"script: {complaint}; see script --help\n"

    def test_help(self) -> None:
        result = self.parse("--tag", "x", "--help", "--nonsense")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == "Usage: --num_jobs N, --tag NAME, --trim true|false\n"


class TestPath:
    """path.sh, with a Python that only pretends."""

    @pytest.fixture(autouse=True)
    def _machine(self, checkout: Path, tmp_path: Path) -> None:
        self.root, self.calls = checkout, tmp_path / "calls"
        self.python = executable(tmp_path / "bin" / "python3.11", PYTHON.format(wrong_version=0))

    def source(self, then: str = "vcdisent", **environment: str) -> subprocess.CompletedProcess[str]:
        variables = {"PATH": f"{self.python.parent}:/usr/bin:/bin", "CALLS": str(self.calls), **environment}
        return bash(f"set -eu; . '{self.root}/path.sh'; {then}", **variables)

    def called(self) -> list[str]:
        return self.calls.read_text().split() if self.calls.exists() else []

    def test_builds_once_and_says_so(self) -> None:
        first, second = self.source(), self.source()
        assert (first.returncode, first.stdout) == (0, "the command\n")
        assert "building .venv with Python 3.11.0: about 5 GB" in first.stderr
        assert (second.returncode, second.stdout, second.stderr) == (0, "the command\n", "")
        assert self.called() == ["venv", "pip"]

    def test_a_broken_build_is_taken_up_again(self) -> None:
        broken = self.calls.with_name("calls.broken")
        broken.touch()
        first = self.source()
        assert (first.returncode, first.stdout) == (1, "")
        assert "no room left" in first.stderr
        assert "build.log" in first.stderr.splitlines()[-1]
        broken.unlink()
        assert self.source().stdout == "the command\n"
        assert self.called() == ["venv", "pip", "venv", "pip"]

    def test_two_shells_build_once(self) -> None:
        both = bash(
            f"for shell in 1 2; do (set -eu; . '{self.root}/path.sh'; vcdisent) & done; wait",
            PATH=f"{self.python.parent}:/usr/bin:/bin",
            CALLS=str(self.calls),
            PIP_SECONDS="1",
        )
        assert both.stdout == "the command\n" * 2
        assert "another shell is building .venv" in both.stderr
        assert self.called() == ["venv", "pip"]

    def test_a_changed_pyproject_is_told_and_not_built(self) -> None:
        self.source()
        with (self.root / "pyproject.toml").open("a") as file:
            file.write("# one more line\n")
        assert "make setup" in self.source().stderr
        assert self.called() == ["venv", "pip"]

    def test_no_python_is_one_line(self) -> None:
        for name in ("python3.11", "python3.12", "python3", "python"):
            executable(self.python.with_name(name), PYTHON.format(wrong_version=1))
        result = self.source()
        assert (result.returncode, result.stdout, self.called()) == (1, "", [])
        assert result.stderr.startswith("path.sh: no Python 3.11 or 3.12 found")
        assert len(result.stderr.splitlines()) == 1

    def test_python_can_be_named(self) -> None:
        named = executable(self.root.parent / "my python" / "python", PYTHON.format(wrong_version=0))
        executable(self.python, PYTHON.format(wrong_version=1))
        assert self.source(PYTHON=str(named)).stdout == "the command\n"

    def test_an_environment_of_ones_own_is_used_as_it_is(self) -> None:
        own = self.root.parent / "own"
        absent = self.source(VCDISENT_VENV=str(own))
        assert absent.returncode == 1
        assert len(absent.stderr.splitlines()) == 1
        executable(own / "bin" / "vcdisent", "#!/bin/sh\necho mine")
        assert self.source(VCDISENT_VENV=str(own)).stdout == "mine\n"
        assert self.called() == []

    def test_path_is_extended_once(self) -> None:
        paths = self.source(
            f"before=$PATH; . '{self.root}/path.sh'; [[ $PATH == $before ]]; command -v conversion_list.sh"
        )
        assert paths.stdout.strip() == str(self.root / "recipes/utils/conversion_list.sh")


class TestStages:
    """recipes/audio.sh, with a `vcdisent` that only notes what it is asked."""

    @pytest.fixture(autouse=True)
    def _environment(self, checkout: Path, tmp_path: Path) -> None:
        self.root, self.own, self.calls = checkout, tmp_path / "own", tmp_path / "calls"
        for name in ("vcdisent", "torchrun"):
            executable(self.own / "bin" / name, '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n')

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        script = f'"{self.root}/run.sh" "$@"'
        return bash(script, *options, cwd=self.root.parent, VCDISENT_VENV=str(self.own), CALLS=str(self.calls))

    def asked(self, *options: str) -> list[str]:
        """The commands that a run gives."""
        result = self.run(*options)
        assert result.returncode == 0, result.stderr
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def test_help_builds_and_runs_nothing(self) -> None:
        result = bash(f'"{self.root}/run.sh" --help')
        assert (result.returncode, result.stderr) == (0, "")
        assert all(f"--{option} " in result.stdout for option in ("egs", "stage", "nj", "timit", "train_args"))
        assert not (self.root / ".venv").exists()

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            (
                ["--egs", "nothing"],
                "run.sh: no recipe 'nothing'; --egs takes one of: librispeech mug smmnist sprites timit",
            ),
            (["--egs"], "run.sh: no recipe ''; --egs takes one of: librispeech mug smmnist sprites timit"),
            (["--stages", "3"], "run.sh: unknown option --stages; see run.sh --help"),
            (["--librispeech", "x"], "run.sh: unknown option --librispeech; see run.sh --help"),
            (["--stage", "three"], "run.sh: option --stage takes a whole number, not 'three'; see run.sh --help"),
            (["3"], "run.sh: unexpected '3'; options look like --name value, see run.sh --help"),
        ],
    )
    def test_a_mistake_is_one_line_and_status_2(self, options: list[str], complaint: str) -> None:
        result = self.run(*options)
        assert (result.returncode, result.stderr, self.calls.exists()) == (2, complaint + "\n", False)

    def test_training_gets_its_overrides(self) -> None:
        ours, ecapa = self.asked(
            *("--stage", "3", "--stop_stage", "3", "--tag", "first", "--seed", "2", "--ngpu", "0"),
            *("--train_args", "objective=dsvae model.sizes=[1,2]", "--ecapa_args", "trainer.max_steps=5"),
        )
        assert ours.endswith(" experiment=minitimit out=exp/first objective=dsvae model.sizes=[1,2]")
        assert {"corpus.train=dump/minitimit/train", "trainer.device=cpu", "seed=2"} <= set(ours.split())
        assert " experiment=ecapa out=exp/minitimit_ecapa_seed2 trainer.max_steps=40" in ecapa
        assert ecapa.index("trainer.max_steps=40") < ecapa.index("trainer.max_steps=5")

    def test_several_gpus_go_through_torchrun_and_a_cluster_through_its_command(self) -> None:
        ours, _ = self.asked("--stage", "3", "--stop_stage", "3", "--ngpu", "2", "--train_cmd", "env CALLS_BY=slurm")
        assert ours.startswith("torchrun --standalone --nproc_per_node=2 --no-python vcdisent train ")

    def test_a_neural_vocoder_is_trained_in_two_halves_and_copies(self) -> None:
        test = self.root / "egs/timit/data/minitimit/test"
        executable(test / "utt2spk", "a-1 a\n")
        executable(test / "wav.scp", "a-1 /wavs/a 1.wav\n")
        options = ("--vocoder", "neural", "--vocoder_args", "trainer.max_steps=3", "--feature_args", "features=log_mel")
        calls = self.asked("--stage", "5", "--stop_stage", "6", "--ngpu", "0", *options)
        waves, made = "dump/minitimit/waveforms", "exp/minitimit_vocoder_seed0"
        trainings = [call for call in calls if " train " in call]
        assert [call for call in calls if " features " in call][-1].endswith(
            f"{waves}/dev experiment=vocoder trainer.max_steps=3"
        )
        assert all(call.endswith(" trainer.max_steps=3") and "log_mel" not in call for call in trainings)
        assert f"experiment=vocoder out={made}/spectral corpus.train={waves}/train" in trainings[0]
        assert f"start_from={made}/spectral out={made} " in trainings[1]
        copies = [call for call in calls if "--strength 0 --pitch keep" in call]
        assert [call.split("--vocoder ")[1].split()[0] for call in copies] == [made, "griffin_lim_random", "world"]
        listed = (self.root / "egs/timit/data/minitimit/copies").read_text()
        assert listed == '"/wavs/a 1.wav" "/wavs/a 1.wav" a-1-as-itself\n'
        assert calls[-1].endswith(
            f"-o exp/minitimit_seed0/converted/neural --model exp/minitimit_seed0 --device cpu --vocoder {made}"
        )

    def test_a_given_corpus_is_found_from_where_the_user_stands(self) -> None:
        self.run("--stop_stage", "0", "--timit", "corpora/TIMIT")
        prepare = self.calls.read_text().splitlines()[0]
        assert prepare == f"vcdisent prepare timit {self.root.parent}/corpora/TIMIT data/timit"

    def test_the_synthetic_corpus_is_called_so(self) -> None:
        result = self.run("--stop_stage", "0")
        assert "SYNTHETIC" in result.stdout
        assert self.calls.read_text().startswith("vcdisent prepare minitimit ")

    def test_librispeech_is_looked_for_where_its_download_goes(self) -> None:
        self.run("--egs", "librispeech", "--stop_stage", "0")
        downloads = self.root / "egs" / "librispeech" / "downloads" / "LibriSpeech"
        assert self.calls.read_text().startswith(f"vcdisent prepare librispeech {downloads} data/librispeech\n")


@pytest.mark.parametrize(("status", "becomes"), [(0, 0), (3, 0), (1, 1), (2, 2)])
def test_recordings_left_out_do_not_end_a_recipe_and_errors_do(status: int, becomes: int) -> None:
    tool = REPOSITORY / "recipes/utils/allow_skipped.sh"
    assert bash('"$1" bash -c "exit $2"', str(tool), str(status)).returncode == becomes


def test_conversion_list_pairs_each_speaker_with_the_next_two_and_with_itself(tmp_path: Path) -> None:
    utterances = [f"{speaker}-{n}" for speaker in "abc" for n in range(3)]
    (tmp_path / "utt2spk").write_text("".join(f"{name} {name[0]}\n" for name in utterances))
    (tmp_path / "wav.scp").write_text("".join(f"{name} wav/{name}.flac\n" for name in utterances))
    result = bash('"$1" "$2"', str(REPOSITORY / "recipes/utils/conversion_list.sh"), str(tmp_path))
    assert result.stdout.splitlines() == [
        line
        for source, first, second in ["abc", "bca", "cab"]
        for line in (
            f"wav/{source}-0.flac wav/{first}-2.flac {source}-0-as-{first}",
            f"wav/{source}-0.flac wav/{second}-2.flac {source}-0-as-{second}",
            f"wav/{source}-0.flac wav/{source}-0.flac {source}-0-as-itself",
        )
    ]
    every = bash('"$1" "$2" all 2', str(REPOSITORY / "recipes/utils/conversion_list.sh"), str(tmp_path))
    names = [line.split()[2] for line in every.stdout.splitlines()]
    to_others = [f"{a}-{n}-as-{b}" for a in "abc" for n in range(2) for b in "abc" if a != b]
    assert sorted(names) == sorted([*to_others, *(f"{speaker}-0-as-itself" for speaker in "abc")])
    several = bash('"$1" "$2" 1 1 2', str(REPOSITORY / "recipes/utils/conversion_list.sh"), str(tmp_path))
    assert several.stdout.splitlines()[:2] == [
        "wav/a-0.flac wav/b-1.flac wav/b-2.flac a-0-as-b",
        "wav/a-0.flac wav/a-0.flac a-0-as-itself",
    ]
    none = bash('"$1" "$2" 1 1 0', str(REPOSITORY / "recipes/utils/conversion_list.sh"), str(tmp_path))
    assert (none.returncode, none.stdout) == (2, "") and "give 1 or more" in none.stderr


STUDY = """# a comment
plain    0,1 50 objective=dsvae trainer.dev_every=5
other    2   60 experiment=verification  # behind a row
"""
# Stands in for a recipe: notes its options; the run with seed 1 fails.
RECIPE = """#!/usr/bin/env bash
echo "$OMP_NUM_THREADS $*" >>"$CALLS"
[[ $* != *"--seed 1 "* ]]
"""


@pytest.fixture
def study(checkout: Path) -> Path:
    """A recipe with a study, in a checkout."""
    egs = checkout / "egs" / "mine"
    executable(egs / "run.sh", RECIPE)
    (egs / "conf").mkdir()
    (egs / "conf" / "study.txt").write_text(STUDY)
    return checkout


def run_study(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bash('"$@"', str(checkout / "recipes" / "study.sh"), *arguments, CALLS=str(checkout / "calls"))


def test_a_study_runs_each_row_with_each_seed(study: Path) -> None:
    result = run_study(study, "mine", "--nj", "1", "--sets", "dev test")
    assert result.returncode != 0
    calls = (study / "calls").read_text().splitlines()
    shared = "--nj 1 --ecapa false --probes false --test_sets dev test"
    runs = [
        f"{shared} --seed 0 --tag plain_seed0 --train_args trainer.max_steps=50 objective=dsvae trainer.dev_every=5",
        f"{shared} --seed 2 --tag other_seed2 --experiment verification --train_args trainer.max_steps=60",
    ]
    failed = runs[0].replace("seed 0", "seed 1").replace("seed0", "seed1")
    assert [" ".join(call.split()) for call in calls] == [
        *(f"1 --stage {n} --stop_stage {n} {runs[0]}" for n in (3, 4)),
        f"1 --stage 3 --stop_stage 3 {failed}",
        *(f"1 --stage {n} --stop_stage {n} {runs[1]}" for n in (3, 4)),
    ]
    assert "plain_seed1: failed; see" in result.stderr
    assert result.stdout.count(": done") == 2


def test_a_study_of_video_asks_for_nothing_of_speech(study: Path) -> None:
    (study / "egs/mine/conf/video.sh").touch()
    assert run_study(study, "mine", "--stage", "0", "other").returncode == 0
    run = "--seed 2 --tag other_seed2 --experiment verification --train_args trainer.max_steps=60"
    calls = [" ".join(call.split()) for call in (study / "calls").read_text().splitlines()]
    assert calls == ["1 --stage 0 --stop_stage 2", *(f"1 --stage {n} --stop_stage {n} {run}" for n in (3, 4))]


def test_a_study_whose_features_fail_trains_nothing(study: Path) -> None:
    (study / "egs/mine/conf/study.txt").write_text("broken 1 9 --dump dump/own\n")
    result = run_study(study, "mine")
    assert result.returncode != 0 and "broken_seed1: failed" in result.stderr
    (call,) = (study / "calls").read_text().splitlines()
    assert "--stage 1 --stop_stage 2" in call


def test_a_study_takes_options_before_its_rows(study: Path) -> None:
    result = run_study(study, "mine", "other", "--nj", "1")
    assert result.returncode == 2 and "study.sh: --nj comes after a row; options come before" in result.stderr


def test_a_study_runs_the_rows_that_it_is_given(study: Path) -> None:
    result = run_study(study, "mine", "--stop_stage", "3", "other")
    assert result.returncode == 0, result.stderr
    (call,) = (study / "calls").read_text().splitlines()
    assert "--stop_stage 3" in call
    assert "--tag other_seed2" in call


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["mine", "nosuch"], "conf/study.txt has no row nosuch"),
        (["nosuch"], "egs/nosuch/conf/study.txt is not there"),
        (["mine", "--stages", "3"], "unknown option --stages"),
    ],
)
def test_a_study_says_what_is_not_there(study: Path, arguments: list[str], complaint: str) -> None:
    result = run_study(study, *arguments)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert len(result.stderr.splitlines()) == 1
