"""Every utterance in other voices: as many frames as it has, the same ones whoever makes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from vcdisent import audio
from vcdisent.augment.classical_views import Converted, make_views
from vcdisent.augment.classical_world import WorldMethod
from vcdisent.augment.stored_views import MADE_BY
from vcdisent.corpora.datadir import Utterance
from vcdisent.errors import InputError
from vcdisent.features import extract as extraction
from vcdisent.features import store
from vcdisent.features.extract import extract
from vcdisent.features.spectrogram import LogMagnitude

SETTINGS, MADE = {"kind": "LogMagnitude"}, {"method": "world"}


@pytest.fixture
def utterances(speech, tmp_path: Path) -> list[Utterance]:
    """Five recordings of three speakers, of unlike lengths."""
    made = []
    for number, speaker in enumerate((0, 0, 1, 1, 3)):
        path = tmp_path / f"{number}.wav"
        audio.write(path, speech(speaker, number, seconds=0.3 + 0.013 * number), 16000)
        made.append(Utterance(f"s{speaker}-{number}", f"s{speaker}", str(path)))
    return made


def views_of(utterances: Sequence[Utterance], folder: Path, num_views: int = 2, **options) -> list[str]:
    made_by = MADE | {"num_views": num_views}
    return make_views(
        utterances, LogMagnitude(), WorldMethod(), folder, settings=SETTINGS, made_by=made_by, num_views=num_views,
        **({"seed": 0} | options),
    )  # fmt: skip


def test_each_utterance_has_its_views_with_as_many_frames(utterances: list[Utterance], tmp_path: Path) -> None:
    assert views_of(utterances, tmp_path / "views", wavs=tmp_path / "wavs") == []
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")
    own, num_own, speakers = store.read_packed(tmp_path / "feats")
    frames, num_frames, voices = store.read_packed(tmp_path / "views")
    assert num_frames == {f"{u}@{number}": n for u, n in num_own.items() for number in range(2)}
    assert all(voices[f"{u}@{number}"] != speakers[u] for u in speakers for number in range(2))
    assert all(voices[f"{u}@0"] != voices[f"{u}@1"] for u in speakers)
    assert np.isfinite(frames).all() and frames.shape[1] == own.shape[1]
    assert sorted(path.stem for path in (tmp_path / "wavs").iterdir()) == sorted(num_frames)
    assert yaml.safe_load((tmp_path / "views" / MADE_BY).read_text())["num_views"] == 2


def test_the_first_views_do_not_depend_on_how_many_there_are(utterances: list[Utterance], tmp_path: Path) -> None:
    views_of(utterances, tmp_path / "two")
    views_of(utterances, tmp_path / "one", num_views=1)
    (two, num_two, _), (one, num_one, _) = (store.read_packed(tmp_path / name) for name in ("two", "one"))
    is_first = np.concatenate([np.full(n, name.endswith("@0")) for name, n in num_two.items()])
    np.testing.assert_array_equal(two[is_first], one)
    assert len(num_one) == 5


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    utterances: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "UTTERANCES_A_PART", 2)
    views_of(utterances, tmp_path / "at_once")
    make, made = Converted.__call__, []

    def limited(self: Converted, utterance: Utterance) -> dict[str, np.ndarray]:
        if len(made) == 3:
            made.append(None)
            raise KeyboardInterrupt
        made.append(utterance.id)
        return make(self, utterance)

    monkeypatch.setattr(Converted, "__call__", limited)
    with pytest.raises(KeyboardInterrupt):
        views_of(utterances, tmp_path / "views")
    assert not (tmp_path / "views" / store.FRAMES).exists()
    views_of(utterances, tmp_path / "views")
    assert made[4:] == ["s1-2", "s1-3", "s3-4"], "the part that was whole is kept"
    for there in ("views", "at_once"):
        assert store.read_packed(tmp_path / there)[1:] == store.read_packed(tmp_path / "at_once")[1:]
    np.testing.assert_array_equal(*(np.load(tmp_path / there / store.FRAMES) for there in ("views", "at_once")))


def test_a_bad_recording_is_skipped_and_listed(utterances: list[Utterance], tmp_path: Path) -> None:
    (tmp_path / "1.wav").write_bytes(b"no recording")
    (line,) = views_of(utterances, tmp_path / "views")
    assert line.startswith("s0-1: ") and "\n" not in line
    assert "s0-1@0" not in store.read_packed(tmp_path / "views")[1]


def test_other_views_are_not_mixed_in(utterances: list[Utterance], tmp_path: Path) -> None:
    views_of(utterances, tmp_path / "views")
    with pytest.raises(InputError, match=r"views: holds features made with other settings .*views\.yaml"):
        views_of(utterances, tmp_path / "views", num_views=3)
