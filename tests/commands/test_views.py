"""Views from the command line, training on them, and conversion without a model."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from vcdisent import audio
from vcdisent.cli import EXIT_ERROR, EXIT_SKIPPED
from vcdisent.commands.train import train
from vcdisent.config import compose
from vcdisent.corpora.datadir import read_data_dir, write_data_dir
from vcdisent.features import store


@pytest.fixture(scope="module")
def world_views(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two views of each of the tiny corpus' utterances."""
    from vcdisent.commands.views import views

    folder = tmp_path_factory.mktemp("views") / "train_world"
    assert views(corpus / "train", folder, "world", 2, 1, 0, None, False, []) == 0
    return folder


def test_views_are_of_the_frames_that_are_trained_on(world_views: Path, dump: Path) -> None:
    _, num_frames, _ = store.read_packed(dump / "train")
    _, num_view_frames, _ = store.read_packed(world_views)
    assert num_view_frames == {f"{u}@{number}": n for u, n in num_frames.items() for number in range(2)}
    assert store.read_settings(world_views) == store.read_settings(dump / "train")
    assert yaml.safe_load((world_views / "views.yaml").read_text()) == {"method": "world", "num_views": 2, "seed": 0}


@pytest.mark.parametrize("also", [[], ["augment.keep_dynamic.also=null"]])
def test_training_draws_them(world_views: Path, tiny: list[str], tmp_path: Path, also: list[str]) -> None:
    there = ["augment=world_views", f"augment.keep_dynamic.folder={world_views}"]
    train(compose([*tiny, *there, *also, "trainer.max_steps=2", "trainer.dev_every=2", f"out={tmp_path}/out"]))
    assert (tmp_path / "out/model.safetensors").exists()


def test_views_lie_beside_the_frames_unless_told_otherwise() -> None:
    settings = compose(["augment=inca_views", "corpus.train=dump/train"])["augment"]["keep_dynamic"]
    assert settings["folder"] == "dump/train_inca" and settings["also"]["tract"] == 1.0
    assert (
        compose(["augment=world_views", "corpus.train=dump/train"])["augment"]["keep_dynamic"]["also"]["pitch"] == 1.0
    )


def test_a_bad_recording_is_listed_and_ends_with_3(vcdisent, corpus: Path, tmp_path: Path) -> None:
    utterances = [u for u in read_data_dir(corpus / "train") if u.id in ("s0-0", "s0-1", "s1-0")]
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no recording")
    write_data_dir(tmp_path / "data", [*utterances[:2], type(utterances[2])("s1-9", "s1", str(bad)), utterances[2]])
    ran = vcdisent("views", tmp_path / "data", tmp_path / "out", "--num", 1, "--wav", tmp_path / "wav")
    assert ran.status == EXIT_SKIPPED and "left out (1):" in ran.err and "bad.wav" in ran.err
    assert len(list((tmp_path / "wav").iterdir())) == 3 and "lacks" not in ran.err


def test_recordings_of_views_that_were_there_are_said_to_lack(vcdisent, corpus: Path, tmp_path: Path) -> None:
    write_data_dir(tmp_path / "data", [u for u in read_data_dir(corpus / "train") if u.id in ("s0-0", "s1-0")])
    words = ["views", tmp_path / "data", tmp_path / "out", "--num", 1]
    assert vcdisent(*words).status == 0
    again = vcdisent(*words, "--wav", tmp_path / "late")
    assert again.status == 0 and "late: lacks 2 recordings, whose views were there already" in again.err


@pytest.mark.parametrize("method", ["world", "inca"])
def test_conversion_needs_no_model(vcdisent, corpus: Path, tmp_path: Path, method: str) -> None:
    source, target = corpus / "wav/s0/0.wav", corpus / "wav/s3/0.wav"
    ran = vcdisent("convert", "--method", method, source, target, "-o", tmp_path / "out.wav")
    assert (ran.status, ran.out) == (0, f"{tmp_path}/out.wav\n")
    wav, rate = audio.read(tmp_path / "out.wav")
    own, _ = audio.read(source)
    assert rate == 16000 and len(wav) == len(own)
    assert audio.level_db(wav) == pytest.approx(audio.level_db(own), abs=0.5)
    assert np.corrcoef(wav, own)[0, 1] < 0.9


def test_a_list_is_converted_too(vcdisent, corpus: Path, tmp_path: Path) -> None:
    lines = [f"{corpus}/wav/s0/{n}.wav {corpus}/wav/s{n + 1}/0.wav name{n}\n" for n in range(2)]
    (tmp_path / "list").write_text("".join(lines))
    ran = vcdisent("convert", "--list", tmp_path / "list", "--method", "world", "-o", tmp_path / "out")
    assert ran.status == 0 and "2 recordings" in ran.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["cost.json", "name0.wav", "name1.wav"]


@pytest.mark.parametrize("extra", [["--model", "exp"], ["--vocoder", "world"], ["--retrieval", "0"]])
def test_a_classical_method_takes_no_model(vcdisent, corpus: Path, tmp_path: Path, extra: list[str]) -> None:
    wav = corpus / "wav/s0/0.wav"
    ran = vcdisent("convert", "--method", "inca", wav, wav, "-o", tmp_path / "out.wav", *extra)
    assert ran.status == EXIT_ERROR and f"leave out {extra[0]}" in ran.err
    assert len(ran.err.splitlines()) == 1
