"""Checkpoints packed for others, and those of others."""

from pathlib import Path

import pytest
import yaml

from vcdisent.commands.pack import pack
from vcdisent.errors import InputError
from vcdisent.loading import load
from vcdisent.training.published import FILES, checkpoint_folder


def test_a_packed_checkpoint_does_what_the_first_did(checkpoint_folder_path: Path, tmp_path: Path, speech) -> None:
    (checkpoint_folder_path / "state.pt").write_bytes(b"for resuming")
    assert pack(checkpoint_folder_path, tmp_path / "packed") == 0
    packed = {path.name for path in (tmp_path / "packed").iterdir()}
    assert packed <= set(FILES) and {"config.yaml", "model.safetensors", "stats.safetensors", "dev.yaml"} <= packed
    one, other = (
        load(folder, "cpu").embed(speech(0)).static for folder in (checkpoint_folder_path, tmp_path / "packed")
    )
    assert (one == other).all()
    assert pack(checkpoint_folder_path, tmp_path / "packed") == 0  # again, over itself


def test_what_is_no_checkpoint_is_not_packed(checkpoint_folder_path: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no checkpoint folder"):
        pack(tmp_path / "none", tmp_path / "packed")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"letter\.txt"):
        pack(checkpoint_folder_path, tmp_path / "full")
    (checkpoint_folder_path / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"model\.safetensors"):
        pack(checkpoint_folder_path, tmp_path / "packed")
    assert not (tmp_path / "packed").exists()


def test_names_with_a_slash_are_asked_for_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint_folder_path: Path
) -> None:
    asked = []

    def download(name: str, **options) -> str:
        asked.append((name, options["allow_patterns"]))
        return str(checkpoint_folder_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert load("somebody/voices", "cpu").sample_rate == 16000
    assert asked == [("somebody/voices", list(FILES))]
    monkeypatch.chdir(tmp_path)
    Path("exp").mkdir()
    for mistyped in ("exp/none", "none", "../none/other", "a/b/c"):
        with pytest.raises(InputError, match="is no checkpoint folder"):
            checkpoint_folder(mistyped)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("error", "told"), [(OSError("no way out\nat all"), "no way out"), (TimeoutError(), "TimeoutError")]
)
def test_a_hub_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch, error: Exception, told: str) -> None:
    def download(name: str, **options) -> str:
        raise error

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    with pytest.raises(InputError, match=rf"somebody/voices: is no folder here, and .* \({told}\); name"):
        checkpoint_folder("somebody/voices")


@pytest.mark.parametrize("name", ["a/b--c", "org/-x", "org/v1.git"])
def test_names_that_the_hub_does_not_know_are_said(name: str) -> None:
    with pytest.raises(InputError, match="is no folder here"):
        checkpoint_folder(name)


@pytest.fixture
def checkpoint_folder_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be written to."""
    tiny, own = request.getfixturevalue("checkpoint_folder"), tmp_path / "own"
    own.mkdir()
    for path in tiny.iterdir():
        if path.is_file():
            (own / path.name).write_bytes(path.read_bytes())
    assert yaml.safe_load((own / "config.yaml").read_text())
    return own
