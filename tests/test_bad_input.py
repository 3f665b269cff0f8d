"""What cannot be used is told in one line that names it, status 2, nothing left behind; in a batch it is skipped."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from safetensors.torch import load_file, save_file

from vcdisent import audio
from vcdisent.cli import EXIT_SKIPPED
from vcdisent.corpora.datadir import Utterance, read_data_dir, write_data_dir

RATE = 16_000
BAD = {
    "missing": "cannot be opened",
    "empty": "is empty",
    "truncated": "is truncated",
    "silent": "is silent",
    "one_sample": "is too short",
    "NaN": "holds NaN",
    "text": "is no recording",
    "shorten": "sph2pipe",
    "folder": "",
}
"""What each bad file is told to be."""
GOOD = {"eight_channels": RATE, "slow": 3000}
"""Unusual files that must work, and their rates."""


def make(path: Path, kind: str, wav: np.ndarray) -> Path:
    """Writes the file of a kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind in SAMPLES:
        samples, sample_rate, subtype = SAMPLES[kind](wav)
        soundfile.write(path, samples, sample_rate, subtype=subtype)
    elif kind in BYTES:
        path.write_bytes(BYTES[kind])
    elif kind == "truncated":
        soundfile.write(path, wav, RATE)
        path.write_bytes(path.read_bytes()[:9000])
    elif kind == "folder":
        path.mkdir()
    return path


SAMPLES = {
    "silent": lambda wav: (0 * wav, RATE, None),
    "one_sample": lambda wav: (wav[5000:5001], RATE, None),
    "NaN": lambda wav: (np.where(np.arange(len(wav)) == 7000, np.nan, wav), RATE, "FLOAT"),
    "eight_channels": lambda wav: (np.stack([(k + 1) / 8 * wav for k in range(8)], axis=1), RATE, None),
    "slow": lambda wav: (audio.resample(wav, RATE, 3000), 3000, None),
}
SHORTEN = "NIST_1A\n   1024\nsample_count -i 16000\nsample_coding -s26 pcm,embedded-shorten-v2.00\nend_head\n"
BYTES = {
    "empty": b"",
    "text": b"Once upon a time there was a file that was no recording.\n" * 50,
    "shorten": SHORTEN.encode().ljust(1024) + struct.pack("<1000h", *range(1000)),
}


@pytest.fixture
def good(corpus):
    """A recording that can be used."""
    return corpus / "wav/s0/0.wav"


@pytest.fixture
def model(checkpoint_folder):
    return "--model", checkpoint_folder, "--device", "cpu"


def assert_refused(ran, *words):
    assert ran.status == 2 and ran.out == "", ran
    assert len(ran.err.splitlines()) == 1 and ran.err.startswith("vcdisent: "), ran
    assert all(str(word) in ran.err for word in words), ran


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


VERBS = {
    "embed": lambda bad, good, out: ("embed", bad, "-o", out / "codes.npz"),
    "embed to ark": lambda bad, good, out: ("embed", bad, "-o", out / "codes.ark", "--dynamic"),
    "verify it": lambda bad, good, out: ("verify", bad, good),
    "verify against it": lambda bad, good, out: ("verify", good, bad),
    "convert it": lambda bad, good, out: ("convert", bad, good, "-o", out if bad.is_dir() else out / "a.wav"),
    "convert to it": lambda bad, good, out: ("convert", good, bad, "-o", out / "a.wav"),
    "convert to several": lambda bad, good, out: (
        "convert",
        good,
        good,
        bad,
        "-o",
        out / "a.wav",
        "--vocoder",
        "world",
    ),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("verb", VERBS)
def test_a_bad_recording_is_named_in_one_line(vcdisent, model, good, speech, tmp_path, verb, kind):
    bad, out = make(tmp_path / "in" / f"{kind}.wav", kind, speech(1)), tmp_path / "out"
    ran = vcdisent(*VERBS[verb](bad, good, out), *model)
    whole_folder = kind == "folder" and verb in ("embed", "embed to ark", "convert it")
    assert_refused(ran, tmp_path / "in", "holds no recordings; give one" if whole_folder else BAD[kind])
    assert not files_of(tmp_path / "out")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("verb", VERBS)
def test_an_unusual_recording_works(vcdisent, model, good, speech, tmp_path, verb, kind):
    unusual, out = make(tmp_path / f"{kind}.wav", kind, speech(1)), tmp_path / "out"
    ran = vcdisent(*VERBS[verb](unusual, good, out), *model)
    of_a_second = ("the verdict may not hold", "brings conversions nearer", "less is changed")
    told = [line for line in ran.err.splitlines() if not line.endswith(of_a_second)]
    assert ran.status == 0, ran
    if kind == "slow" and verb.startswith("convert to"):
        assert len(told) == 1 and "loses what lies above 1,500 Hz" in told[0], ran
    else:
        assert not told, ran
    if verb == "convert it":
        made, given = soundfile.info(out / "a.wav"), soundfile.info(unusual)
        assert made.samplerate == given.samplerate and made.duration == pytest.approx(1.0, abs=1e-3)


@pytest.fixture
def mixed(speech, tmp_path):
    """A folder with two good recordings and one of each bad kind, and its data dir."""
    folder = tmp_path / "in"
    for kind in BAD:
        if kind not in ("missing", "folder"):
            make(folder / "b" / f"{kind}.wav", kind, speech(1))
    audio.write(folder / "a" / "one.wav", speech(0), RATE)
    audio.write(folder / "b" / "one.wav", speech(1), RATE)
    return folder


@pytest.fixture
def mixed_data_dir(mixed, tmp_path):
    utterances = [
        Utterance(f"{path.parent.name}-{path.stem}", path.parent.name, str(path)) for path in mixed.rglob("*.wav")
    ]
    write_data_dir(tmp_path / "data", [*utterances, Utterance("a-two", "a", str(mixed / "a" / "one.wav"))])
    return tmp_path / "data"


IN_FOLDERS = [kind for kind in BAD if kind not in ("missing", "folder")]


def assert_skipped(ran, num_more=0):
    """All bad files are listed with what is wrong with each, and the status says so."""
    num_skipped = len(IN_FOLDERS) + num_more
    assert ran.status == EXIT_SKIPPED, ran
    assert "Traceback" not in ran.err and f"left out ({num_skipped}):" in ran.err
    listed = ran.err.split(f"left out ({num_skipped}):\n")[1].splitlines()[:num_skipped]
    assert all(line.startswith("  ") for line in listed)
    for kind in IN_FOLDERS:
        assert any(f"{kind}.wav" in line and BAD[kind] in line for line in listed), kind


def test_a_folder_is_embedded_without_its_bad_recordings(vcdisent, model, mixed, tmp_path):
    assert_skipped(vcdisent("embed", mixed, "-o", tmp_path / "c.npz", *model))
    assert np.load(tmp_path / "c.npz")["ids"].tolist() == ["a/one", "b/one"]


def test_a_data_dir_is_embedded_without_its_bad_recordings(vcdisent, model, mixed_data_dir, tmp_path):
    assert_skipped(vcdisent("embed", mixed_data_dir, "-o", tmp_path / "c.npz", *model))
    assert np.load(tmp_path / "c.npz")["ids"].tolist() == ["a-one", "a-two", "b-one"]


def test_a_folder_is_converted_without_its_bad_recordings(vcdisent, model, mixed, good, tmp_path):
    assert_skipped(vcdisent("convert", mixed, good, "-o", tmp_path / "out", *model))
    assert files_of(tmp_path / "out") == {"a/one.wav", "b/one.wav"}


def test_a_recording_that_is_gone_is_left_out_where_it_was_converted_before(vcdisent, model, good, tmp_path):
    (tmp_path / "list").write_text(f"{tmp_path}/gone.wav {good} a\n{good} {good} b\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.wav").write_bytes(good.read_bytes())
    ran = vcdisent("convert", "--list", tmp_path / "list", "-o", tmp_path / "out", *model)
    assert ran.status == 3 and f"{tmp_path}/gone.wav: cannot be opened" in ran.err, ran


def test_a_list_is_converted_without_its_bad_recordings(vcdisent, model, mixed, good, tmp_path):
    lines = [f"{mixed}/b/{kind}.wav {good} from_{kind}\n" for kind in [*IN_FOLDERS, "one"]]
    lines += [f"{good} {mixed}/b/{kind}.wav to_{kind}\n" for kind in ["missing", "one"]]
    (tmp_path / "list").write_text("".join(lines))
    ran = vcdisent("convert", "--list", tmp_path / "list", "-o", tmp_path / "out", *model)
    assert_skipped(ran, num_more=1)
    assert files_of(tmp_path / "out") == {"from_one.wav", "to_one.wav", "cost.json"}


def test_trials_are_scored_without_their_bad_recordings(vcdisent, model, mixed_data_dir, tmp_path):
    assert vcdisent("trials", mixed_data_dir).status == 0
    words = ("--trials", mixed_data_dir / "trials", mixed_data_dir, "-o", tmp_path / "out")
    ran = vcdisent("verify", *words, *model)
    assert_skipped(ran)
    assert "3 recordings, 2 speakers, 3 trials, 1 of them target" in ran.out
    lines = (tmp_path / "out/static.scores").read_text().splitlines()
    assert [line.split()[:2] for line in lines] == [["a-one", "a-two"], ["a-one", "b-one"], ["a-two", "b-one"]]


def test_features_are_made_without_the_bad_recordings(vcdisent, mixed_data_dir, tmp_path):
    for _ in range(2):  # and when it is run again, what was left out is still said
        assert_skipped(vcdisent("features", mixed_data_dir, tmp_path / "out"))
        lines = (tmp_path / "out/utt2num_frames").read_text().splitlines()
        assert lines == ["a-one 101", "a-two 101", "b-one 101"]


def test_a_corpus_is_prepared_and_recoded_without_its_bad_recordings(vcdisent, mixed, mixed_data_dir, tmp_path):
    (mixed / "c").mkdir()
    ran = vcdisent("prepare", "folder", mixed, tmp_path / "prepared")
    assert ran.status == EXIT_SKIPPED and "2 speakers" in ran.out and f"{mixed}/c: holds no recordings" in ran.err
    assert {"a-one", "b-one"} <= {utterance.id for utterance in read_data_dir(tmp_path / "prepared")}
    assert_skipped(vcdisent("recode", mixed_data_dir, tmp_path / "flac", "--format", "flac"))
    assert files_of(tmp_path / "flac/wav") == {"a/a-one.flac", "a/a-two.flac", "b/b-one.flac"}


def test_nothing_that_can_be_used_is_status_2(vcdisent, model, good, speech, tmp_path):
    bad = make(tmp_path / "in/s/x.wav", "empty", speech(1))
    write_data_dir(tmp_path / "data", [Utterance("s-x", "s", str(bad)), Utterance("s-y", "s", str(bad))])
    (tmp_path / "trials").write_text("s-x s-y target\n")
    (tmp_path / "list").write_text(f"{bad} {good} a\n")
    out = tmp_path / "out"
    for words in [
        ("embed", tmp_path / "in", "-o", out / "c.npz", *model),
        ("convert", tmp_path / "in", good, "-o", out, *model),
        ("convert", "--list", tmp_path / "list", "-o", out, *model),
        ("verify", "--trials", tmp_path / "trials", tmp_path / "data", "-o", out, *model),
        ("prepare", "folder", tmp_path / "in", out),
        ("recode", tmp_path / "data", out, "--format", "wav"),
        ("features", tmp_path / "data", tmp_path / "features"),
    ]:
        ran = vcdisent(*words)
        last = ran.err.splitlines()[-1]
        assert ran.status == 2 and last.startswith("vcdisent: ") and str(bad) in last and "is empty" in last, ran
        assert "Traceback" not in ran.err and not files_of(out)


def test_speakers_without_recordings(vcdisent, tmp_path):
    (tmp_path / "in/Ann").mkdir(parents=True)
    assert_refused(vcdisent("prepare", "folder", tmp_path / "in", tmp_path / "out"), tmp_path / "in")
    assert_refused(vcdisent("prepare", "folder", tmp_path / "none", tmp_path / "out"), tmp_path / "none")
    assert not (tmp_path / "out").exists()


def unsorted(lines):
    return lines[::-1]


def doubled(lines):
    return [lines[0], *lines]


def cut(lines):
    return [lines[0].split()[0], *lines[1:]]


DATA_DIR_VERBS = {
    "validate": lambda data, out: ("validate", data),
    "trials": lambda data, out: ("trials", data, "-o", out / "trials"),
    "recode": lambda data, out: ("recode", data, out, "--format", "wav"),
    "features": lambda data, out: ("features", data, out),
    "embed": lambda data, out: ("embed", data, "-o", out / "c.npz"),
    "verify": lambda data, out: ("verify", "--trials", data / "trials", data, "-o", out),
}


@pytest.mark.parametrize("name", ["wav.scp", "utt2spk", "spk2utt"])
@pytest.mark.parametrize("spoil", [unsorted, doubled, cut])
@pytest.mark.parametrize("verb", DATA_DIR_VERBS)
def test_a_data_dir_that_is_not_in_order(vcdisent, model, corpus, tmp_path, verb, spoil, name):
    data, out = Path(shutil.copytree(corpus / "dev", tmp_path / "data")), tmp_path / "out"
    lines = (data / name).read_text().splitlines()
    (data / name).write_text("".join(f"{line}\n" for line in spoil(lines)))
    with_model = model if verb in ("embed", "verify") else ()
    assert_refused(vcdisent(*DATA_DIR_VERBS[verb](data, out), *with_model), data / name, "line")
    assert not out.exists()


@pytest.mark.parametrize("verb", DATA_DIR_VERBS)
def test_a_data_dir_with_a_shell_command_or_without_its_files(vcdisent, model, corpus, tmp_path, verb):
    data, out = Path(shutil.copytree(corpus / "dev", tmp_path / "data")), tmp_path / "out"
    with_model = model if verb in ("embed", "verify") else ()
    text = (data / "wav.scp").read_text()
    (data / "wav.scp").write_text(text.replace(text.split()[1], f"touch {tmp_path}/ran |"))
    if verb != "trials":  # which reads no recording
        assert_refused(
            vcdisent(*DATA_DIR_VERBS[verb](data, out), *with_model), data / "wav.scp line 1", "--allow-pipes"
        )
    (data / "utt2spk").unlink()
    ran = vcdisent(*DATA_DIR_VERBS[verb](data, out), *with_model)
    assert_refused(ran, data / "utt2spk")
    assert not out.exists() and not (tmp_path / "ran").exists()


@pytest.mark.parametrize("words", ["trainer.max_stepz=1", "features=nonesuch", "nonesuch=1", "features.floor", "a=[1"])
def test_an_override_that_is_not_known(vcdisent, corpus, tiny, tmp_path, words):
    assert_refused(vcdisent("features", corpus / "dev", tmp_path / "out", words), words.split("=")[0].split(".")[-1])
    assert_refused(vcdisent("train", *tiny, f"out={tmp_path}/out", words), words.split("=")[0].split(".")[-1])
    assert not (tmp_path / "out").exists()


MODEL_VERBS = {
    "embed": lambda good, out: ("embed", good, "-o", out / "c.npz"),
    "verify": lambda good, out: ("verify", good, good),
    "trials": lambda good, out: (
        "verify",
        "--trials",
        good.parents[2] / "dev/trials",
        good.parents[2] / "dev",
        "-o",
        out,
    ),
    "convert": lambda good, out: ("convert", good, good, "-o", out / "a.wav", "--vocoder", "world"),
}


@pytest.mark.parametrize("verb", MODEL_VERBS)
def test_a_checkpoint_that_is_not_what_it_says(vcdisent, checkpoint_folder, good, tmp_path, verb):
    def refused(*words):
        ran = vcdisent(*MODEL_VERBS[verb](good, tmp_path / "out"), "--model", spoilt, "--device", "cpu")
        assert_refused(ran, *words)
        assert not (tmp_path / "out").exists()

    spoilt = tmp_path / "none"
    refused(spoilt)
    spoilt = Path(shutil.copytree(checkpoint_folder, tmp_path / "spoilt"))
    weights = load_file(spoilt / "model.safetensors")
    save_file({name: tensor[..., :2].contiguous() for name, tensor in weights.items()}, spoilt / "model.safetensors")
    refused(spoilt / "model.safetensors", "another model")
    save_file({f"network.{name}": tensor for name, tensor in weights.items()}, spoilt / "model.safetensors")
    refused(spoilt / "model.safetensors", "another model")
    (spoilt / "config.yaml").write_text(
        "model: {kind: os.system}\nfeatures: {kind: LogMel}\nvocoder: {kind: GriffinLim}\n"
    )
    refused(spoilt / "config.yaml", "os.system")


def test_a_speaker_network_can_be_asked_who_but_not_to_convert(vcdisent, dump, good, tmp_path):
    small = ["experiment=ecapa", "model.static_size=8", "model.num_channels=16", "model.segment_frames=20"]
    small += [f"trainer.{value}" for value in ("batch_size=8", "max_steps=1", "device=cpu")]
    folder = tmp_path / "ecapa"
    ran = vcdisent("train", *small, f"corpus.train={dump}/train", f"corpus.dev={dump}/dev", f"out={folder}")
    assert ran.status == 0, ran
    model = ("--model", folder, "--device", "cpu")
    assert vcdisent("verify", good, good, *model).status == 0
    assert_refused(vcdisent("convert", good, good, "-o", tmp_path / "out/a.wav", *model), "speaker network")
    assert_refused(vcdisent("embed", good, "-o", tmp_path / "out/c.npz", "--dynamic", *model), "speaker network")
    assert not files_of(tmp_path / "out")
