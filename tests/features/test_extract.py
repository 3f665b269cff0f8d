"""Data dir to features folder: resumable, whole parts, bad recordings skipped, any number of workers."""

from collections.abc import Sequence
from pathlib import Path

import kaldiio
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from vcdisent import audio
from vcdisent.corpora.datadir import Utterance
from vcdisent.errors import InputError
from vcdisent.features import extract as extraction
from vcdisent.features import store
from vcdisent.features.extract import extract
from vcdisent.features.recording import corpus_frames
from vcdisent.features.spectrogram import LogMagnitude

SETTINGS = {"kind": "LogMagnitude", "floor": 0.001}


class Interrupted(LogMagnitude):
    """Spectrograms of a machine that goes down in the middle."""

    num_left = 3

    def forward(self, wav: Tensor) -> Tensor:
        """Frames, three times."""
        if self.num_left == 0:
            raise KeyboardInterrupt
        self.num_left -= 1
        return super().forward(wav)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "UTTERANCES_A_PART", 2)


@pytest.fixture
def utterances(tmp_path: Path) -> list[Utterance]:
    """Five recordings of two speakers, of 4 to 8 hops."""
    generator = np.random.default_rng(0)
    made = []
    for number in range(5):
        speaker, path = "ab"[number // 3], tmp_path / f"{number}.wav"
        audio.write(path, (0.1 * generator.standard_normal(700 + 160 * number)).astype(np.float32), 16000)
        made.append(Utterance(f"{speaker}-{number}", speaker, str(path)))
    return made


def texts(folder: Path) -> dict[str, str]:
    """Contents of the text files, without the folder's own name."""
    return {
        str(path.relative_to(folder)): path.read_text().replace(str(folder), "")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".ark", ".npy", ".safetensors")
    }


def written_when(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "parts").iterdir()}


def assert_same(one: Path, other: Path) -> None:
    assert texts(one) == texts(other)
    np.testing.assert_array_equal(np.load(one / store.FRAMES), np.load(other / store.FRAMES))
    assert (one / store.STATISTICS).read_bytes() == (other / store.STATISTICS).read_bytes()


def test_archives_hold_the_frames_of_each_recording(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    features, out = LogMagnitude(), tmp_path / "feats"
    assert extract(utterances, features, SETTINGS, out) == []
    archives = kaldiio.load_scp(str(out / "feats.scp"))
    assert list(archives) == [u.id for u in utterances]
    for utterance in utterances:
        wav, _ = audio.read(utterance.source, 16000)
        np.testing.assert_array_equal(archives[utterance.id], corpus_frames(features, wav).numpy())


def test_what_is_packed_is_the_archives_in_half_precision(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")
    archives = kaldiio.load_scp(str(tmp_path / "feats/feats.scp"))
    frames, num_frames, speakers = store.read_packed(tmp_path / "feats")
    whole = np.concatenate([archives[u.id] for u in utterances])
    assert frames.dtype == np.float16
    np.testing.assert_array_equal(frames, whole.astype(np.float16))
    assert num_frames == {u.id: 5 + n for n, u in enumerate(utterances)}
    assert speakers == {u.id: u.speaker for u in utterances}
    statistics = load_file(tmp_path / "feats" / store.STATISTICS)
    np.testing.assert_allclose(statistics["mean"], whole.mean(0), rtol=1e-5)
    np.testing.assert_allclose(statistics["std"], whole.std(0), rtol=1e-4)
    assert store.read_settings(tmp_path / "feats") == SETTINGS


def test_a_second_run_works_nothing_out(
    utterances: Sequence[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")
    before = written_when(tmp_path / "feats")
    monkeypatch.setattr(extraction, "corpus_frames", lambda *_: pytest.fail("worked out again"))
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")
    assert written_when(tmp_path / "feats") == before


def test_only_parts_that_change_are_made_again(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    out = tmp_path / "feats"
    extract(utterances[:3], LogMagnitude(), SETTINGS, out)
    before = written_when(out)
    extract(utterances, LogMagnitude(), SETTINGS, out)
    kept = {name for name, when in written_when(out).items() if before.get(name) == when}
    assert kept == {f"feats.00000.{suffix}" for suffix in ("ark", "scp", "skipped", "done")}
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "at_once")
    assert_same(out, tmp_path / "at_once")


def test_parts_appear_whole_and_an_interrupted_run_goes_on(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    out = tmp_path / "feats"
    with pytest.raises(KeyboardInterrupt):
        extract(utterances, Interrupted(), SETTINGS, out)
    assert {path.name for path in (out / "parts").glob("feats.*")} == {
        f"feats.00000.{suffix}" for suffix in ("ark", "scp", "skipped", "done")
    }
    assert not (out / store.FRAMES).exists()
    extract(utterances, LogMagnitude(), SETTINGS, out)
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "at_once")
    assert_same(out, tmp_path / "at_once")
    assert not [path.name for path in out.rglob(".*")]


def test_a_part_that_is_interrupted_while_made_again_is_not_done(
    utterances: Sequence[Utterance], tmp_path: Path
) -> None:
    out = tmp_path / "feats"
    extract(utterances[:2], LogMagnitude(), SETTINGS, out)
    torn = Interrupted()
    torn.num_left = 1
    with pytest.raises(KeyboardInterrupt):
        extract(utterances[1:3], torn, SETTINGS, out)
    assert not (out / "parts/feats.00000.done").exists()


def test_a_folder_that_was_moved_is_as_good(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "old")
    moved = (tmp_path / "old").rename(tmp_path / "new")
    (moved / "frames.npy").unlink()
    extract(utterances, LogMagnitude(), SETTINGS, moved)
    assert set(kaldiio.load_scp(str(moved / "feats.scp"))) == {utterance.id for utterance in utterances}
    assert str(tmp_path / "old") not in (moved / "feats.scp").read_text() and (moved / "frames.npy").exists()


def test_a_bad_recording_is_skipped_and_listed_each_time(utterances: list[Utterance], tmp_path: Path) -> None:
    (tmp_path / "1.wav").write_bytes(b"no recording")
    for _ in range(2):
        (line,) = extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")
        assert line.startswith(f"a-1: {tmp_path / '1.wav'}: ")
        assert "\n" not in line
        _, num_frames, speakers = store.read_packed(tmp_path / "feats")
        assert list(num_frames) == list(speakers) == ["a-0", "a-2", "b-3", "b-4"]


def test_a_bad_recording_that_is_mended_is_taken_in(utterances: list[Utterance], tmp_path: Path) -> None:
    recording = (tmp_path / "1.wav").read_bytes()
    (tmp_path / "1.wav").write_bytes(recording[:-10])
    assert len(extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")) == 1
    (tmp_path / "1.wav").write_bytes(recording)
    assert extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats") == []
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "at_once")
    assert_same(tmp_path / "feats", tmp_path / "at_once")


def test_a_part_with_nothing_in_it_does_no_harm(utterances: list[Utterance], tmp_path: Path) -> None:
    for number in (2, 3):
        (tmp_path / f"{number}.wav").unlink()
    assert len(extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")) == 2
    assert list(store.read_packed(tmp_path / "feats")[1]) == ["a-0", "a-1", "b-4"]


def test_nothing_but_bad_recordings_is_an_error(utterances: list[Utterance], tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.wav").write_bytes(b"")
    with pytest.raises(InputError, match=r"feats: not one of 5 recordings could be read; the first: "):
        extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "feats")


def test_a_folder_of_other_features_is_refused(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    out = tmp_path / "feats"
    extract(utterances, LogMagnitude(), SETTINGS, out)
    before = np.load(out / store.FRAMES)
    with pytest.raises(InputError, match=r"^.*feats: holds features made with other settings .*features\.yaml.*$"):
        extract(utterances, LogMagnitude(floor=0.1), {**SETTINGS, "floor": 0.1}, out)
    np.testing.assert_array_equal(np.load(out / store.FRAMES), before)


def test_two_workers_make_what_one_makes(utterances: Sequence[Utterance], tmp_path: Path) -> None:
    num_threads = torch.get_num_threads()
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "one", num_jobs=1)
    extract(utterances, LogMagnitude(), SETTINGS, tmp_path / "two", num_jobs=2)
    torch.set_num_threads(num_threads)
    assert_same(tmp_path / "one", tmp_path / "two")
