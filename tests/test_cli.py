"""The command line, as its users know it."""

import json
import resource
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import kaldiio
import numpy as np
import pytest
import soundfile
import yaml
from safetensors.numpy import load_file, save_file

from vcdisent import __version__, audio, cli
from vcdisent.cli import EXIT_ERROR, EXIT_SKIPPED, leave, make_parser, parse
from vcdisent.conversion.ways import DEFAULT
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.errors import InputError
from vcdisent.loading import SHIPPED, load
from vcdisent.verbs.speech import EXAMPLES, WAYS

VERBS = [
    *("prepare", "validate", "trials", "align", "recode", "features", "views", "train", "embed"),
    *(
        "verify",
        "probe",
        "pack",
        "enroll",
        "convert",
        "generate",
        "swap",
        "traverse",
        "judge",
        "evaluate",
        "page",
        "report",
    ),
]
HEAVY = (
    "torch numpy soundfile soxr librosa pyworld hydra omegaconf yaml kaldiio speechbrain sklearn matplotlib PIL tqdm"
)


def test_help_takes_less_than_half_a_second_of_processor_time():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run([sys.executable, "-m", "vcdisent.cli", "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
    assert all(verb in ran.stdout for verb in VERBS)


def test_nothing_heavy_is_imported_before_a_verb_runs():
    code = f"import sys, vcdisent.cli; print(*set('{HEAVY}'.split()) & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(vcdisent, verb):
    ran = vcdisent(verb, "--help")
    assert ran.status == 0 and ran.out.startswith(f"usage: vcdisent {verb}") and "--debug" in ran.out


def test_help_of_convert_tells_how_far_the_shipped_model_goes_and_what_to_type(vcdisent):
    shipped = yaml.safe_load((SHIPPED / "config.yaml").read_text())
    told = " ".join(vcdisent("convert", "--help").out.split())
    for way in WAYS:
        assert getattr(DEFAULT, way) == shipped[way], "it is told by these"
        about = told.split(f"--{way} X")[-1].split("X ")[0]
        assert f"(default: the checkpoint's; the package's has {shipped[way]:g})" in about
    assert set(WAYS) == set(asdict(DEFAULT))
    lines = EXAMPLES.splitlines()
    assert all(" ".join(line.split()) in told and len(line) < 80 for line in lines)
    for line in lines[1::2]:
        assert parse(make_parser(), line.split()[1:]).recordings


def test_a_rank_of_torchrun_leaves_at_once(monkeypatch):
    """Before torch's threads are taken apart; any other process exits as it does everywhere."""
    left = []
    monkeypatch.setattr("os._exit", left.append)
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    for world_size in ("", "2"):
        if world_size:
            monkeypatch.setenv("WORLD_SIZE", world_size)
        with pytest.raises(SystemExit) as caught:
            leave(3)
        assert caught.value.code == 3 and left == ([3] if world_size else [])


def test_version(vcdisent):
    assert vcdisent("--version") == (0, f"vcdisent {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("verify a --model M b", {"recordings": [Path("a"), Path("b")], "model": Path("M")}),
        ("verify --trials T D -o S --baselines", {"recordings": [Path("D")], "trials": Path("T"), "baselines": True}),
        ("verify -o S D --trials T", {"recordings": [Path("D")], "out": Path("S")}),
        ("convert a --vocoder world b -o O c", {"recordings": [Path("a"), Path("b"), Path("c")], "vocoder": "world"}),
        ("features D O --nj 2 features=log_mel", {"nj": 2, "overrides": ["features=log_mel"], "out": Path("O")}),
        ("features --nj 2 D O a=1 --allow-pipes b=2", {"overrides": ["a=1", "b=2"], "allow_pipes": True}),
        ("features D --nj 2 O", {"data_dir": Path("D"), "out": Path("O"), "overrides": []}),
        ("views D O a=1 --num 3 --method inca b=2", {"overrides": ["a=1", "b=2"], "num": 3, "method": "inca"}),
        ("convert a b --method inca c", {"recordings": [Path("a"), Path("b"), Path("c")], "method": "inca"}),
        ("train a=1 --debug b=2", {"overrides": ["a=1", "b=2"], "debug": True}),
        ("--debug train a=1", {"overrides": ["a=1"], "debug": True}),
        ("train a=1", {"debug": False}),
        ("evaluate conversion L --data D F -o O", {"inputs": [Path("L"), Path("F")], "data": Path("D")}),
        ("evaluate video --model M --judge J F -o O", {"inputs": [Path("F")], "judge": Path("J"), "num_draws": 5}),
        ("report a -o R b", {"folders": [Path("a"), Path("b")], "out": Path("R")}),
        ("embed -o O in --dynamic", {"input": Path("in"), "dynamic": True, "model": None, "device": "auto"}),
        ("recode D O --format wav --allow-pipes", {"allow_pipes": True, "format": "wav"}),
        ("prepare minitimit OUT", {"root": None, "out": Path("OUT")}),
        ("prepare folder ROOT OUT", {"root": Path("ROOT"), "out": Path("OUT")}),
    ],
)
def test_options_stand_anywhere(words, expected):
    given = vars(parse(make_parser(), words.split()))
    assert {name: given[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("", "VERB"),
        ("nonesuch", "nonesuch"),
        ("--nonesuch embed a -o b.npz", "--nonesuch"),
        *((f"{verb} --nonesuch", "") for verb in VERBS),
        ("verify a b --nonesuch x", "--nonesuch"),
        ("convert a b --nonesuch", "--nonesuch"),
        ("embed a -o b.npz stray", "stray"),
        ("embed a", "-o"),
        ("validate a b", "b"),
        ("recode a b --format mp4", "mp4"),
        ("recode a b", "--format"),
        ("prepare nonesuch a b", "nonesuch"),
        ("features a b --nj none", "--nj"),
        ("features a b --nj 0", "--nj"),
        ("features a b --nj -1", "--nj"),
        ("views a b --num 0", "--num"),
        ("views a b --method nonesuch", "nonesuch"),
        ("convert a b --method nonesuch", "nonesuch"),
        ("convert a b --method inca --pitch keep", "--pitch"),
        ("convert a b --pitch high", "neither auto, keep nor -24 to 24"),
        ("convert a b --pitch nan", "neither auto, keep nor -24 to 24"),
        ("enroll a", "-o"),
        ("convert a b --method inca --vocoder world", "--vocoder"),
        ("evaluate nonesuch a b -o c", "nonesuch"),
        ("verify a", "two recordings"),
        ("verify a b c", "two recordings"),
        ("verify a b -o c", "-o FOLDER"),
        ("verify --trials a b", "-o FOLDER"),
        ("verify --trials a b c -o d", "DATADIR"),
        ("convert", "SRC TGT"),
        ("convert a", "SRC TGT"),
        ("convert --list a", "lacks -o FOLDER"),
        ("convert a b --covariance 2", "argument --covariance: covariance=2.0 is no number from 0 to 1"),
        ("convert a b --strength 4.5", "argument --strength: strength=4.5 is no number from 0 to 4"),
        ("convert a b --retrieval much", "argument --retrieval: "),
        ("convert --list a b -o c", "--list"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(vcdisent, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    ran = vcdisent(*words.split())
    assert ran.status == EXIT_ERROR == 2 and ran.out == ""
    assert len(ran.err.splitlines()) == 1 and ran.err.startswith("vcdisent") and named in ran.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", ["convert a b --vocdoer x", "embed a -o b.npz stray", "validate a b"])
def test_a_mistyped_option_points_at_the_help_of_its_verb(vcdisent, words):
    assert vcdisent(*words.split()).err.endswith(f"see vcdisent {words.split()[0]} --help\n")


def test_debug_shows_where_an_error_came_from(tmp_path):
    for words in (["--debug", "validate", str(tmp_path)], ["validate", "--debug", str(tmp_path)]):
        with pytest.raises(InputError, match=r"wav\.scp"):
            cli.main(words)


def test_an_error_of_the_system_is_one_line_too(vcdisent, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr("vcdisent.commands.data.validate", full)
    ran = vcdisent("validate", tmp_path)
    assert ran.status == 2 and "No space left on device" in ran.err and len(ran.err.splitlines()) == 1


def test_a_break_ends_with_130(vcdisent, monkeypatch, tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("vcdisent.commands.data.validate", stop)
    assert vcdisent("validate", tmp_path) == (130, "", "")


@pytest.fixture
def wavs(corpus):
    """Two recordings of one speaker and one of another."""
    return corpus / "wav/s0/0.wav", corpus / "wav/s0/1.wav", corpus / "wav/s3/0.wav"


@pytest.fixture
def model(checkpoint_folder):
    return "--model", checkpoint_folder, "--device", "cpu"


@pytest.fixture
def speakers(corpus, tmp_path):
    """A folder of recordings, one of them not to be read, two of one name."""
    folder = tmp_path / "speakers"
    shutil.copytree(corpus / "wav/s0", folder / "Ann B")
    shutil.copytree(corpus / "wav/s1", folder / "Bob")
    (folder / "Bob/notes.txt").write_text("no recording")
    return folder


# data dirs and features


def test_prepare_validate_trials_recode_features(vcdisent, speakers, tmp_path):
    data = tmp_path / "data"
    ran = vcdisent("prepare", "folder", speakers, data)
    assert ran.status == 0 and "8 utterances, 2 speakers" in ran.out
    assert vcdisent("validate", data) == (0, f"{data}: valid: 8 utterances, 2 speakers\n", "")
    assert vcdisent("trials", data) == (0, f"{data}/trials: 28 trials\n", "")
    assert (data / "trials").read_text().splitlines()[0].split()[2] == "target"
    assert vcdisent("trials", data, "-o", tmp_path / "new/t").out == f"{tmp_path}/new/t: 28 trials\n"
    assert vcdisent("recode", data, tmp_path / "opus", "--format", "opus").status == 0
    assert soundfile.info(read_data_dir(tmp_path / "opus")[0].source).subtype == "OPUS"
    odd = tmp_path / "a b=(c)"
    ran = vcdisent("features", data, odd, "--nj", 2, "features=log_mel", "features.trim_db=40")
    assert ran.status == 0
    assert np.load(odd / "frames.npy").shape[1] == 80
    assert yaml.safe_load((odd / "features.yaml").read_text())["trim_db"] == 40
    assert len(kaldiio.load_scp(str(odd / "feats.scp"))) == 8


def test_features_of_other_settings_are_not_mixed(vcdisent, corpus, tmp_path):
    assert vcdisent("features", corpus / "dev", tmp_path / "f").status == 0
    ran = vcdisent("features", corpus / "dev", tmp_path / "f", "features.floor=0.5")
    assert ran.status == 2 and str(tmp_path / "f") in ran.err


# training


def test_train_makes_a_checkpoint_and_resumes(vcdisent, tiny, tmp_path):
    out = f"out={tmp_path}/run"
    ran = vcdisent("train", *tiny, out, "trainer.max_minutes=0")
    assert ran.status == 0 and "the same command goes on" in ran.out
    ran = vcdisent("train", *tiny, "--debug", out)
    assert ran.status == 0 and ran.out.splitlines()[-1].startswith(f"{tmp_path}/run: step 6, weights of step")
    assert load(tmp_path / "run", "cpu").sample_rate == 16_000


@pytest.mark.parametrize("missing", ["out", "corpus.train", "corpus.dev"])
def test_train_asks_for_what_was_not_given(vcdisent, tiny, tmp_path, missing):
    words = [word for word in [*tiny, f"out={tmp_path}/run"] if not word.startswith(missing)]
    ran = vcdisent("train", *words)
    assert ran.status == 2 and ran.err == f"vcdisent: configuration: {missing} is not given; add {missing}=VALUE\n"
    assert not (tmp_path / "run").exists()


# codes


def test_embed_a_recording(vcdisent, model, wavs, tmp_path, checkpoint_folder):
    ran = vcdisent("embed", wavs[0], "-o", tmp_path / "new/codes.npz", *model)
    assert ran == (0, f"{tmp_path}/new/codes.npz: 1 recording\n", "")
    codes = np.load(tmp_path / "new/codes.npz")
    assert codes["ids"].tolist() == ["0"] and set(codes) == {"ids", "static", "static_centre"}
    converter = load(checkpoint_folder, "cpu")
    np.testing.assert_array_equal(codes["static"][0], converter.embed(wavs[0]).static)
    np.testing.assert_array_equal(codes["static_centre"], converter.model.static_centre.numpy())


def test_embed_a_data_dir_with_frames(vcdisent, model, corpus, tmp_path, checkpoint_folder):
    assert vcdisent("embed", corpus / "dev", *model, "--dynamic", "-o", tmp_path / "c.npz").status == 0
    codes = np.load(tmp_path / "c.npz")
    assert codes["ids"].tolist() == [u.id for u in read_data_dir(corpus / "dev")]
    assert codes["static"].shape == (6, 8) and codes["dynamic"].shape == (6 * 101, 4)
    assert codes["num_frames"].tolist() == [101] * 6
    second = load(checkpoint_folder, "cpu").embed(read_data_dir(corpus / "dev")[1].source)
    np.testing.assert_array_equal(codes["dynamic"][101:202], second.dynamic)
    np.testing.assert_array_equal(codes["static"][1], second.static)


def test_embed_to_kaldi_archives(vcdisent, model, corpus, tmp_path):
    assert vcdisent("embed", corpus / "dev", *model, "--dynamic", "-o", tmp_path / "codes.ark").status == 0
    assert vcdisent("embed", corpus / "dev", *model, "--dynamic", "-o", tmp_path / "codes.npz").status == 0
    wanted = np.load(tmp_path / "codes.npz")
    static = kaldiio.load_scp(str(tmp_path / "codes.scp"))
    dynamic = kaldiio.load_scp(str(tmp_path / "codes.dynamic.scp"))
    assert list(static) == list(dynamic) == wanted["ids"].tolist()
    np.testing.assert_array_equal(np.stack([static[name] for name in static]), wanted["static"])
    np.testing.assert_array_equal(np.concatenate([dynamic[name] for name in dynamic]), wanted["dynamic"])
    assert [name for name, _ in kaldiio.load_ark(str(tmp_path / "codes.ark"))] == list(static)
    names = {"codes.ark", "codes.scp", "codes.dynamic.ark", "codes.dynamic.scp", "codes.npz"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_embed_a_folder_by_names_that_tell_files_apart(vcdisent, model, speakers, tmp_path):
    wav, _ = audio.read(speakers / "Bob/0.wav")
    audio.write(speakers / "Bob/0.flac", wav, 16_000)
    assert vcdisent("embed", speakers, *model, "-o", tmp_path / "c.npz").status == 0
    ids = np.load(tmp_path / "c.npz")["ids"].tolist()
    assert ids == [*(f"Ann B/{n}" for n in range(4)), "Bob/0.flac", "Bob/0.wav", *(f"Bob/{n}" for n in (1, 2, 3))]
    assert vcdisent("embed", speakers, *model, "-o", tmp_path / "c.ark").status == 0
    assert next(iter(kaldiio.load_scp(str(tmp_path / "c.scp")))) == "Ann_B/0"


def test_embed_what_shell_commands_give(vcdisent, model, corpus, tmp_path):
    data = Path(shutil.copytree(corpus / "dev", tmp_path / "data"))
    lines = [line.split() for line in (data / "wav.scp").read_text().splitlines()]
    (data / "wav.scp").write_text("".join(f"{name} cat {path} |\n" for name, path in lines))
    assert vcdisent("embed", data, "-o", tmp_path / "piped.npz", *model, "--allow-pipes").status == 0
    assert vcdisent("embed", corpus / "dev", "-o", tmp_path / "files.npz", *model).status == 0
    piped, files = (np.load(tmp_path / name) for name in ("piped.npz", "files.npz"))
    assert piped["ids"].tolist() == files["ids"].tolist()
    np.testing.assert_allclose(piped["static"], files["static"], atol=1e-5)


@pytest.mark.parametrize("name", ["codes.txt", "codes"])
def test_embed_to_something_else(vcdisent, model, wavs, tmp_path, name):
    ran = vcdisent("embed", wavs[0], "-o", tmp_path / name, *model)
    assert ran.status == 2 and ".npz" in ran.err and not list(tmp_path.iterdir())


# verification


def test_verify_two_recordings(vcdisent, model, wavs, checkpoint_folder):
    converter = load(checkpoint_folder, "cpu")
    for b in wavs:
        ran = vcdisent("verify", wavs[0], *model, b)
        score, threshold = converter.score(wavs[0], b), converter.threshold
        verdict = "same" if score >= threshold else "different"
        assert (ran.status, ran.out) == (0, f"score {score:.4f} threshold {threshold:.4f} {verdict}\n")
    ran = vcdisent("verify", wavs[0], wavs[0], *model)
    assert ran.out.startswith("score 1.0000") and ran.out.endswith(" same\n")


@pytest.mark.parametrize("baselines", [False, True])
def test_verify_trials(vcdisent, model, corpus, tmp_path, baselines):
    trials, out = corpus / "dev/trials", tmp_path / "scores"
    options = ["--baselines"] if baselines else []
    ran = vcdisent("verify", "--trials", trials, corpus / "dev", *model, "-o", out, *options)
    assert ran.status == 0 and "dev: 6 recordings, 2 speakers, 15 trials, 6 of them target" in ran.out
    plain = ["static", "dynamic_mean", "dynamic_mean_deviation", "dynamic_sample"]
    kinds = [*plain, "static_centred", "dynamic_centred"]
    free = ["mean_spectrum", "noise", "noise_mean_deviation"]
    kinds += [*free, *(f"untrained_{kind}" for kind in plain)] if baselines else []
    record = json.loads((out / "verification.json").read_text())
    assert [row["name"] for row in record["rows"]] == kinds
    assert {path.name for path in out.iterdir()} == {"verification.json", *(f"{kind}.scores" for kind in kinds)}
    for kind in kinds:
        lines = [line.split() for line in (out / f"{kind}.scores").read_text().splitlines()]
        assert [line[:2] for line in lines] == [line.split()[:2] for line in trials.read_text().splitlines()]
        assert all(-1 <= float(score) <= 1 for _, _, score in lines)
    assert ran.out.count("| ") >= len(kinds) and "mean of means of z" in ran.out


def test_scores_of_trials_are_those_of_pairs(vcdisent, model, corpus, tmp_path, checkpoint_folder):
    vcdisent("verify", "--trials", corpus / "dev/trials", corpus / "dev", *model, "-o", tmp_path)
    sources = {u.id: u.source for u in read_data_dir(corpus / "dev")}
    converter = load(checkpoint_folder, "cpu")
    for line in (tmp_path / "static_centred.scores").read_text().splitlines()[:3]:
        a, b, score = line.split()
        assert float(score) == pytest.approx(converter.score(sources[a], sources[b]), abs=1e-5)


def test_a_trial_of_an_utterance_that_is_not_there(vcdisent, model, corpus, tmp_path):
    (tmp_path / "trials").write_text((corpus / "dev/trials").read_text() + "s4-0 s9-0 nontarget\n")
    ran = vcdisent("verify", "--trials", tmp_path / "trials", corpus / "dev", *model, "-o", tmp_path / "o")
    assert ran.status == 2 and "s9-0" in ran.err and not (tmp_path / "o").exists()


def test_trials_of_one_kind_only(vcdisent, model, corpus, tmp_path):
    (tmp_path / "trials").write_text("s4-0 s4-1 target\n")
    ran = vcdisent("verify", "--trials", tmp_path / "trials", corpus / "dev", *model, "-o", tmp_path / "o")
    assert ran.status == 2 and "nontarget" in ran.err and not (tmp_path / "o").exists()


# conversion


def test_convert_names_its_output(vcdisent, model, wavs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = vcdisent("convert", wavs[0], "--vocoder", "world", wavs[2], *model)
    assert (ran.status, ran.out) == (0, "0-as-0.wav\n")
    wav, sample_rate = audio.read("0-as-0.wav")
    assert len(wav) == 16_000 and sample_rate == 16_000
    assert vcdisent("convert", wavs[0], wavs[2], wavs[1], *model, "-o", "new/a.flac").out == "new/a.flac\n"
    assert soundfile.info("new/a.flac").format == "FLAC" and soundfile.info("new/a.flac").frames == 16_000
    assert {str(path) for path in Path().rglob("*.*")} == {"0-as-0.wav", "new/a.flac"}


def test_an_enrolled_voice_converts_as_its_recordings_do(vcdisent, model, wavs, tmp_path):
    world, voice = ["--vocoder", "world"], tmp_path / "anna.safetensors"
    assert vcdisent("enroll", *wavs[1:], *model, "-o", voice).out == f"{voice}\n"
    loudness = load_file(voice)["frames"].mean(1)
    assert (np.diff(loudness) >= -1e-5).all(), "frames in order of loudness do not tell which came after which"
    for pitch in ("auto", "keep", "-2.5"):
        for name, targets in (("a", wavs[1:]), ("b", [voice])):
            ran = vcdisent(
                "convert", wavs[0], *targets, *model, *world, "--pitch", pitch, "-o", tmp_path / f"{name}.wav"
            )
            assert ran.status == 0, ran
        assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes(), pitch
    assert vcdisent("convert", wavs[0], voice, wavs[1], *model).err.endswith("give it without other recordings\n")
    ran = vcdisent("convert", wavs[0], voice, "-o", tmp_path / "c.wav")
    assert ran.status == 2 and "was enrolled with another model" in ran.err and not (tmp_path / "c.wav").exists()


def fingerprint(model):
    from vcdisent.loading import load

    return np.frombuffer(load(model[1], "cpu")._fingerprint(), np.uint8)


def test_what_is_no_voice_is_told(vcdisent, model, wavs, tmp_path):
    ran = vcdisent("enroll", wavs[2], *model, "-o", tmp_path / "anna.npz")
    assert ran.status == 2 and "a voice is kept in a .safetensors file" in ran.err
    ran = vcdisent("convert", wavs[0], tmp_path / "none.safetensors", *model)
    assert ran.status == 2 and "there is no such voice; make one with: vcdisent enroll" in ran.err
    save_file({"static": np.zeros(3, np.float32)}, tmp_path / "other.safetensors")
    ran = vcdisent("convert", wavs[0], tmp_path / "other.safetensors", *model)
    assert ran.status == 2 and "holds no voice" in ran.err
    of_model = {"static": np.zeros(3, np.float32), "pitch": np.zeros(0), "model": fingerprint(model)}
    save_file(of_model, tmp_path / "old.safetensors")
    ran = vcdisent("convert", wavs[0], tmp_path / "old.safetensors", *model)
    assert ran.status == 2 and "was enrolled by an earlier version" in ran.err and len(ran.err.splitlines()) == 1
    ran = vcdisent("convert", wavs[0], tmp_path / "other.safetensors", "--method", "world")
    assert ran.status == 2 and "not an enrolled one" in ran.err
    whole = of_model | {"dynamic": np.zeros((2, 4), np.float32), "frames": np.zeros((2, 200), np.float32)}
    for pitch in ([5.0, 0.0], [float("nan"), 0.2]):
        save_file(whole | {"pitch": np.array(pitch)}, tmp_path / "damaged.safetensors")
        ran = vcdisent("convert", wavs[0], tmp_path / "damaged.safetensors", *model)
        assert ran.status == 2 and "is damaged, its pitch is" in ran.err and len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(("name", "rate"), [("a.wav", 44_100), ("a.flac", 44_100), ("a.opus", 48_000)])
def test_conversions_have_the_rate_and_the_length_of_their_source(vcdisent, model, wavs, tmp_path, name, rate):
    wav = audio.read(wavs[0], 44_100)[0][:-7]  # of a length that two resamplings do not give back
    audio.write(tmp_path / "source.wav", wav, 44_100)
    ran = vcdisent("convert", tmp_path / "source.wav", wavs[2], *model, "-o", tmp_path / name)
    assert ran.status == 0, ran
    converted, sample_rate = audio.read(tmp_path / name)
    assert sample_rate == rate and len(converted) == round(len(wav) * rate / 44_100)


def test_convert_writes_what_python_gives(vcdisent, model, wavs, tmp_path, checkpoint_folder):
    vcdisent("convert", wavs[0], wavs[2], *model, "-o", tmp_path / "a.wav", "--vocoder", "world")
    wav, _ = load(checkpoint_folder, "cpu", vocoder="world").convert(wavs[0], wavs[2])
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav")[0], wav, atol=1e-4)


def test_convert_gives_the_same_each_time_and_another_by_another_seed(vcdisent, model, wavs, tmp_path):
    def converted(*options) -> bytes:
        ran = vcdisent("convert", *wavs[:2], *model, "-o", tmp_path / "out.wav", *options)
        assert ran.status == 0, ran.err
        return (tmp_path / "out.wav").read_bytes()

    assert converted() == converted() == converted("--seed", 7)
    drawn = "--vocoder", "griffin_lim_random"
    assert converted(*drawn, "--seed", -1) == converted(*drawn, "--seed", -1)
    assert converted(*drawn, "--seed", 0) == converted(*drawn) != converted(*drawn, "--seed", 10**30)


def test_convert_a_folder_keeps_names(vcdisent, model, speakers, wavs, tmp_path, monkeypatch):
    ran = vcdisent("convert", speakers, wavs[2], *model, "-o", tmp_path / "out")
    names = {f"{speaker}/{n}.wav" for speaker in ("Ann B", "Bob") for n in range(4)}
    assert ran.status == 0 and ran.out.startswith(f"{tmp_path / 'out'}: 8 recordings, 8 s of speech")
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.wav")} == names
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert vcdisent("convert", "../speakers", wavs[2], *model).out.startswith("speakers-as-0: 8 recordings")
    assert Path("speakers-as-0/Bob/3.wav").is_file() and not (tmp_path / "speakers-as-0").exists()


@pytest.mark.parametrize("out", ["speakers/out", "speakers/Bob/../out", "speakers/Bob", "speakers", None])
def test_conversions_never_go_where_they_would_be_sources(vcdisent, model, speakers, wavs, monkeypatch, out):
    monkeypatch.chdir(speakers if out is None else speakers.parent)  # by default they go where one is
    before = sorted(speakers.rglob("*"))
    options = () if out is None else ("-o", out)
    ran = vcdisent("convert", speakers, wavs[2], *model, *options)
    assert ran.status == 2 and f"give another place, such as -o {speakers}-converted" in ran.err
    assert len(ran.err.splitlines()) == 1 and sorted(speakers.rglob("*")) == before


def test_conversions_go_beside_their_sources_folder_unless_they_would_write_over_one(
    vcdisent, model, speakers, wavs, tmp_path
):
    assert all("8 recordings" in vcdisent("convert", speakers, wavs[2], *model, "-o", tmp_path).out for _ in range(2))
    shutil.copytree(speakers / "Bob", speakers / speakers.name / "Bob")
    ran = vcdisent("convert", speakers, wavs[2], *model, "-o", tmp_path)
    assert ran.status == 2 and "is one of the recordings to convert; give another -o" in ran.err


def test_convert_into_a_folder(vcdisent, model, wavs, tmp_path):
    (tmp_path / "there").mkdir()
    ran = vcdisent("convert", wavs[1], wavs[2], *model, "-o", tmp_path / "there")
    assert (ran.status, ran.out) == (0, f"{tmp_path}/there/1-as-0.wav\n")
    assert len(audio.read(tmp_path / "there/1-as-0.wav")[0]) == 16_000
    ran = vcdisent("convert", wavs[1], wavs[2], *model, "-o", f"{tmp_path}/new/one/")
    assert (ran.status, ran.out) == (0, f"{tmp_path}/new/one/1-as-0.wav\n"), "a slash says that it is a folder"


def test_convert_by_a_vocoder_that_is_not_there(vcdisent, model, wavs, tmp_path):
    ran = vcdisent("convert", wavs[0], wavs[2], *model, "-o", tmp_path / "a.wav", "--vocoder", "nonesuch")
    assert ran.status == 2 and len(ran.err.splitlines()) == 1
    assert all(name in ran.err for name in ("vocoder=nonesuch", "griffin_lim", "world"))
    assert not list(tmp_path.iterdir())


def test_convert_a_list(vcdisent, model, wavs, tmp_path):
    spaced = shutil.copy(wavs[0], tmp_path / "a b.wav")
    lines = [f"{wavs[0]} {wavs[2]} one", "", f"'{spaced}' {wavs[1]} more/two"]
    (tmp_path / "list").write_text("\n".join(lines))
    ran = vcdisent("convert", "--list", tmp_path / "list", *model, "-o", tmp_path / "out")
    assert ran.status == 0 and ran.out.startswith(f"{tmp_path / 'out'}: 2 recordings")
    assert len(audio.read(tmp_path / "out/one.wav")[0]) == len(audio.read(tmp_path / "out/more/two.wav")[0]) == 16_000


def test_a_line_with_several_targets_has_the_voice_of_all(vcdisent, model, wavs, tmp_path):
    (tmp_path / "list").write_text(f"{wavs[0]} {wavs[1]} {wavs[2]} both\n{wavs[0]} {wavs[1]} first\n")
    assert vcdisent("convert", "--list", tmp_path / "list", *model, "-o", tmp_path).status == 0
    for name, targets in {"both": wavs[1:3], "first": wavs[1:2]}.items():
        vcdisent("convert", wavs[0], *targets, *model, "-o", tmp_path / f"alone_{name}.wav")
        assert (tmp_path / f"alone_{name}.wav").read_bytes() == (tmp_path / f"{name}.wav").read_bytes()
    assert (tmp_path / "first.wav").read_bytes() != (tmp_path / "both.wav").read_bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no conversions"),
        ("\na b\n", "line 2: has fewer than 3 words"),
        ("a b c\nd e c\n", "line 2: the name c"),
        ("'a b c\n", "list"),
    ],
)
def test_a_list_that_cannot_be_used(vcdisent, model, tmp_path, content, words):
    (tmp_path / "list").write_text(content)
    ran = vcdisent("convert", "--list", tmp_path / "list", *model, "-o", tmp_path / "out")
    assert ran.status == 2 and words in ran.err and str(tmp_path / "list") in ran.err
    assert len(ran.err.splitlines()) == 1 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", [("convert", "a.wav"), ("convert", "a.wav", "--method", "world"), ("enroll",)])
def test_a_folder_is_no_voice(vcdisent, model, wavs, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    shutil.copy(wavs[0], "a.wav")
    Path("anna").mkdir()
    of_model, out = () if "--method" in verb else model, Path("b.safetensors" if verb == ("enroll",) else "b.wav")
    for suffix in (".wav", ".flac"):
        ran = vcdisent(*verb, wavs[0], "anna", *of_model, "-o", out)
        assert ran.status == 2 and len(ran.err.splitlines()) == 1 and not out.exists()
        assert f"anna: is a folder; name the recordings of the voice one by one (anna/*{suffix}), or give" in ran.err
        Path("anna/1.flac").touch()


@pytest.mark.parametrize("name", ["a.nonesuch", "file/a.wav"])
def test_convert_to_what_cannot_be_written(vcdisent, model, wavs, tmp_path, name):
    (tmp_path / "file").touch()
    ran = vcdisent("convert", wavs[0], wavs[2], *model, "-o", tmp_path / name)
    assert ran.status == 2 and str(tmp_path / name.split("/")[0]) in ran.err
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]


@pytest.mark.parametrize("device", ["nonesuch", "cuda:77"])
def test_a_device_that_is_not_here(vcdisent, wavs, checkpoint_folder, device):
    ran = vcdisent("verify", wavs[0], wavs[1], "--model", checkpoint_folder, "--device", device)
    assert ran.status == 2 and device in ran.err and len(ran.err.splitlines()) == 1


# report


@pytest.fixture
def measured(vcdisent, checkpoint_folder, corpus, tmp_path):
    """Makes a copy of the checkpoint that has been tested."""

    def measure(name, *options):
        folder = Path(shutil.copytree(checkpoint_folder, tmp_path / name))
        words = ["--trials", corpus / "dev/trials", corpus / "dev", "-o", folder / "scores/dev", *options]
        assert vcdisent("verify", *words, "--model", folder, "--device", "cpu").status == 0
        return folder

    return measure


def test_report(vcdisent, measured, tmp_path):
    first, second = measured("first", "--baselines"), measured("second", "--baselines")
    (first / "converted/world").mkdir(parents=True)
    shutil.copy(Path(__file__), first / "converted/world/a.wav")
    ran = vcdisent("report", first, "-o", tmp_path / "new/RESULTS.md", second)
    assert ran == (0, f"{tmp_path}/new/RESULTS.md\n", "")
    text = (tmp_path / "new/RESULTS.md").read_text()
    assert text.startswith("# Results") and "`first`: SequenceVAE" in text and "`second`: SequenceVAE" in text
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    for name in ("static: mean of s", "dynamic: mean of means of z", "dynamic: mean of samples of z"):
        assert f"first, {name}" in rows and f"second, {name}" in rows
    assert rows.count("mean spectrum") == rows.count("noise") == 1
    assert "first, untrained model, static" in rows and "second, untrained model, static" not in rows
    assert text.count("15 trials") == 1 and "`first/converted/world`: 1 recording." in text


def test_report_shows_baselines_wherever_they_are_and_keeps_other_trials_apart(vcdisent, measured, tmp_path):
    first, second, third = measured("first"), measured("second", "--baselines"), measured("third")
    path = third / "scores/dev/verification.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"num_trials": 14}))
    assert vcdisent("report", first, second, third, "-o", tmp_path / "R.md").status == 0
    text = (tmp_path / "R.md").read_text()
    assert "| mean spectrum " in text and "15 trials" in text and "14 trials" in text


def test_report_has_what_judges_said(vcdisent, measured, tmp_path):
    folder = measured("first")
    figure = {"mean": 0.5, "low": 0.25, "high": 0.75}
    judged = {"nearer_to_target": figure}
    summary = {"converted": judged, "source = target": judged, "source": {"wer": figure}}
    for vocoder in ("griffin_lim", "world"):
        (folder / "converted" / vocoder).mkdir(parents=True)
        (folder / f"converted/{vocoder}.json").write_text(json.dumps({"summary": summary}))
    assert vcdisent("report", folder, "-o", tmp_path / "R.md").status == 0
    text = (tmp_path / "R.md").read_text()
    lines = [line for line in text.split("## Conversion")[1].splitlines() if line.startswith("| ")]
    rows = [line.split("|")[1].strip() for line in lines[2:]]  # after the heading and its rule
    names = [f"first, {vocoder}{kind}" for vocoder in ("griffin_lim", "world") for kind in ("", ", source = target")]
    assert rows == [*names, "source"] and "50 (25 to 75)" in text and "Not judged" not in text


def test_report_of_what_was_not_measured(vcdisent, checkpoint_folder, measured, tmp_path):
    for folder, words in ((checkpoint_folder, "verify --trials"), (tmp_path / "none", "config.yaml")):
        ran = vcdisent("report", folder, "-o", tmp_path / "R.md")
        assert ran.status == 2 and words in ran.err and len(ran.err.splitlines()) == 1
    damaged = measured("damaged")
    (damaged / "scores/dev/verification.json").write_text("{")
    ran = vcdisent("report", damaged, "-o", tmp_path / "R.md")
    assert ran.status == 2 and "verification.json" in ran.err and not (tmp_path / "R.md").exists()


def test_skipping_has_a_status_of_its_own():
    assert len({0, 1, EXIT_ERROR, EXIT_SKIPPED}) == 4  # 1 is python's for a traceback


def test_convert_does_not_overwrite_its_source(tmp_path: Path, checkpoint_folder: Path) -> None:
    source = tmp_path / "a.wav"
    soundfile.write(source, np.sin(np.arange(16_000) / 20) * 0.1, 16_000)
    before = source.read_bytes()
    command = [
        sys.executable,
        "-m",
        "vcdisent.cli",
        "convert",
        source,
        source,
        "-o",
        source,
        "--model",
        checkpoint_folder,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and "is the source itself" in ran.stderr
    assert source.read_bytes() == before


def test_a_classical_conversion_has_a_name_of_its_own(vcdisent, wavs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert vcdisent("convert", "--method", "world", wavs[0], wavs[2]).out == "0-as-0-world.wav\n"


def test_verify_warns_of_what_is_too_little(vcdisent, model, wavs, tmp_path):
    wav, _ = audio.read(wavs[0], 8_000)
    audio.write(tmp_path / "phone.wav", np.tile(wav, 3), 8_000)
    ran = vcdisent("verify", tmp_path / "phone.wav", wavs[0], *model)
    first, second = ran.err.splitlines()
    assert ran.status == 0 and "has 8,000 samples a second, where the model heard 16,000" in first
    assert "lasts 1.0 s, less than 2" in second
    audio.write(tmp_path / "long.wav", np.tile(audio.read(wavs[0])[0], 3), 16_000)
    assert vcdisent("verify", tmp_path / "long.wav", tmp_path / "long.wav", *model).err == ""


@pytest.fixture
def long(wavs, tmp_path):
    """A recording of which there is enough."""
    audio.write(tmp_path / "long.wav", np.tile(audio.read(wavs[0])[0], 12), 16_000)
    return tmp_path / "long.wav"


def test_convert_warns_of_a_voice_of_which_there_is_little(vcdisent, model, wavs, long, tmp_path):
    def told_of(*words):
        ran = vcdisent(*words, *model, "-o", tmp_path / ("anna.safetensors" if words[0] == "enroll" else "out.wav"))
        assert ran.status == 0, ran
        return ran.err.splitlines()

    audio.write(tmp_path / "phone.wav", audio.read(wavs[0], 8_000)[0], 8_000)
    narrow, short = told_of("convert", long, tmp_path / "phone.wav", wavs[2])
    assert narrow.startswith(f"{tmp_path}/phone.wav: has 8,000 samples a second")
    assert short.startswith(f"{tmp_path}/phone.wav and 1 more: less than 7 s of speech is heard, pauses left out: half")
    assert told_of("convert", long, long) == []
    assert told_of("enroll", long) == []
    (said,) = told_of("enroll", wavs[2], wavs[1])
    assert said.startswith(f"{wavs[2]} and 1 more: less than 7 s")
    voice = tmp_path / "anna.safetensors"
    (said,) = told_of("convert", long, voice)
    assert said.startswith(f"{voice}: less than 7 s"), "whoever has it may not have enrolled it"
    audio.write(tmp_path / "word.wav", audio.read(wavs[2])[0][:8_000], 16_000)
    (said,) = told_of("convert", long, tmp_path / "word.wav")
    assert said.startswith(f"{tmp_path}/word.wav: less than 0.7 s") and "expect hiss; half a minute" in said


def test_convert_warns_of_a_source_of_which_there_is_little(vcdisent, model, wavs, long, tmp_path):
    ran = vcdisent("convert", wavs[1], long, *model, "-o", tmp_path / "out.wav")
    assert ran.err == f"{wavs[1]}: lasts less than 2 s: of so short a source less is changed\n"


@pytest.mark.parametrize("way", [("--vocoder", "world"), ("--method", "world")])
def test_a_voice_without_pitch_is_asked_whether_it_is_one(vcdisent, model, long, tmp_path, way):
    noise = (0.05 * np.random.default_rng(0).standard_normal(12 * 16_000)).astype(np.float32)
    audio.write(tmp_path / "noise.wav", noise, 16_000)
    of_model = () if "--method" in way else model
    ran = vcdisent("convert", long, tmp_path / "noise.wav", *of_model, *way, "-o", tmp_path / "out.wav")
    assert ran.status == 0 and ran.err == f"{tmp_path}/noise.wav: no pitch is heard: is it speech?\n"
    if of_model:
        assert (
            "no pitch is heard"
            in vcdisent("enroll", tmp_path / "noise.wav", *model, "-o", tmp_path / "a.safetensors").err
        )
        assert (
            "no pitch is heard"
            in vcdisent("convert", long, tmp_path / "a.safetensors", *model, "-o", tmp_path / "out.wav").err
        )
        kept = ("--pitch", "keep", "-o", tmp_path / "out.wav")
        assert vcdisent("convert", long, tmp_path / "noise.wav", *model, *way, *kept).err == ""


def test_opus_has_a_rate_of_its_own(vcdisent, model, long, tmp_path):
    audio.write(tmp_path / "source.wav", audio.read(long, 44_100)[0], 44_100)
    ran = vcdisent("convert", tmp_path / "source.wav", long, *model, "-o", tmp_path / "a.opus")
    assert ran.status == 0 and ran.err.startswith(f"{tmp_path}/a.opus: is at 48,000 Hz, not at its source's 44,100: ")
    assert len(ran.err.splitlines()) == 1
    assert vcdisent("convert", tmp_path / "source.wav", long, *model, "-o", tmp_path / "a.ogg").err == ""


@pytest.mark.parametrize("out", ["there.txt", "new.WAV", "new.opus"])
def test_conversions_of_a_folder_need_a_folder(vcdisent, model, speakers, wavs, tmp_path, out):
    (tmp_path / "there.txt").touch()
    ran = vcdisent("convert", speakers, wavs[2], *model, "-o", tmp_path / out)
    assert ran.status == 2 and f"{out}: is a file or is named like one; several conversions need a folder" in ran.err
    assert len(ran.err.splitlines()) == 1 and not (tmp_path / out).is_dir()


def test_a_file_without_a_suffix_is_asked_for_one(vcdisent, model, wavs, tmp_path):
    ran = vcdisent("convert", wavs[0], wavs[2], *model, "-o", tmp_path / "new")
    assert (
        ran.status == 2 and "new: has no suffix, which says what to write: add one, such as .wav, or / for" in ran.err
    )
    assert len(ran.err.splitlines()) == 1 and not (tmp_path / "new").exists()


def test_an_enrolled_voice_is_no_source(vcdisent, model, wavs, tmp_path):
    vcdisent("enroll", wavs[2], *model, "-o", tmp_path / "anna.safetensors")
    ran = vcdisent("convert", tmp_path / "anna.safetensors", wavs[0], *model, "-o", tmp_path / "a.wav")
    assert ran.status == 2 and len(ran.err.splitlines()) == 1
    assert "anna.safetensors: is an enrolled voice, which goes second, after the recording to convert" in ran.err


def test_sources_that_differ_in_their_suffix_alone_keep_it(vcdisent, model, wavs, tmp_path):
    for name in ("a.wav", "a.flac", "b.wav", "b.wav.flac", "c.flac"):
        audio.write(tmp_path / "in" / name, audio.read(wavs[0])[0], 16_000)
    for _ in range(2):
        ran = vcdisent("convert", tmp_path / "in", wavs[2], *model, "-o", tmp_path / "out")
        assert f"{tmp_path}/in/a.flac: another recording has the same name but for the suffix" in ran.err
        assert "it becomes a.flac.wav, and so for 2 more" in ran.err
        made = {path.name for path in (tmp_path / "out").iterdir()}
        assert made == {"a.wav.wav", "a.flac.wav", "b.wav", "b.wav.flac.wav", "c.wav"}


@pytest.mark.parametrize(("place", "what"), [(0, "the source"), (1, "a target"), (2, "a target")])
def test_convert_writes_over_nothing_that_it_was_given(vcdisent, model, wavs, tmp_path, place, what):
    given = [Path(shutil.copy(wav, tmp_path / f"{n}.wav")) for n, wav in enumerate(wavs[:3])]
    before = given[place].read_bytes()
    ran = vcdisent("convert", *given, *model, "-o", given[place])
    assert ran.status == 2 and f"is {what} itself" in ran.err and len(ran.err.splitlines()) == 1
    assert given[place].read_bytes() == before
