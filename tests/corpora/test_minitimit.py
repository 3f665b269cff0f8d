import re
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.corpora import minitimit
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.minitimit_speakers import SENTENCES, SPEAKERS, sentences
from vcdisent.corpora.timit_phones import FOLDED, UNFOLDED
from vcdisent.corpora.trials import read_trials
from vcdisent.errors import InputError

needs_espeak = pytest.mark.skipif(
    find_spec("espeakng_loader") is None, reason="espeakng_loader is missing: pip install 'vcdisent[minitimit]'"
)
SPLITS = {"train": (5, 5), "dev": (1, 1), "test": (2, 2)}  # women, men
TIMIT_61 = {*FOLDED, *UNFOLDED.split(), "q"} - {"sil"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("minitimit") / "corpus"
    minitimit.speak(root)
    return root


def recordings(root):
    return sorted(root.glob("T*/DR*/*/*.WAV"))


def lines(path):
    return [line.split() for line in path.read_text().splitlines()]


def contents(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_splits_are_balanced_and_voices_of_the_test_are_not_trained_on():
    for split, counts in SPLITS.items():
        names = [s.name for s in SPEAKERS if s.split == split]
        assert tuple(sum(name[0] == sex for name in names) for sex in "FM") == counts
    assert len({s.name for s in SPEAKERS}) == len({s.voice.variant for s in SPEAKERS}) == 16
    assert {s.region for s in SPEAKERS if s.split == "train"} == {f"DR{i}" for i in range(1, 9)}


def test_speakers_share_the_dialect_sentences_only():
    said = [dict(sentences(number)) for number in range(len(SPEAKERS))]
    assert all(re.fullmatch("(SA1SA2)(SX[0-9]+){5}(SI[0-9]+){3}", "".join(texts)) for texts in said)
    others = [text for texts in said for name, text in texts.items() if not name.startswith("SA")]
    assert len(others) == len(set(others)) == 128
    assert len({texts["SA1"] for texts in said}) == 1
    assert len(SENTENCES.read_text().splitlines()) == 130


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "TRAIN").mkdir()
    with pytest.raises(InputError, match="holds something other than this version's minitimit: give a new or an empty"):
        minitimit.speak(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["TRAIN"]


@needs_espeak
def test_the_tree_is_timits(root):
    assert len(recordings(root)) == 160
    for speaker in SPEAKERS:
        folder = root / ("TRAIN" if speaker.split == "train" else "TEST") / speaker.region / speaker.name
        assert sorted(p.suffix for p in folder.iterdir()) == sorted([".WAV", ".PHN", ".WRD", ".TXT"] * 10)
    assert all(path.read_bytes().startswith(b"NIST_1A\n   1024\n") for path in recordings(root))


@needs_espeak
def test_phones_and_words_cover_each_recording(root):
    used = set()
    for path in recordings(root):
        phones, words = lines(path.with_suffix(".PHN")), lines(path.with_suffix(".WRD"))
        used |= {label for _, _, label in phones}
        bounds = [int(start) for start, _, _ in phones] + [int(phones[-1][1])]
        num_samples = round(audio.duration_s(path) * 16_000)
        assert (phones[0][2], phones[-1][2], bounds[0], bounds[-1]) == ("h#", "h#", 0, num_samples)
        assert all(int(end) == int(start) for (_, end, _), (start, _, _) in pairwise(phones))
        assert min(np.diff(bounds)) >= 48  # 3 ms
        assert {int(time) for word in words for time in word[:2]} <= set(bounds)
        text = path.with_suffix(".TXT").read_text().split(maxsplit=2)
        assert text[:2] == ["0", str(num_samples)]
        assert [label for _, _, label in words] == re.findall(r"[a-z']+", text[2].lower())
    assert used <= TIMIT_61
    assert len(used) > 48


@needs_espeak
def test_recordings_are_speech_of_one_level_that_does_not_clip(root):
    for path in recordings(root)[::3]:
        wav, sample_rate = audio.read(path)
        assert sample_rate == 16_000
        assert 1.0 < len(wav) / sample_rate < 7.0
        assert 0.1 < np.abs(wav).max() < 0.9
        assert abs(audio.level_db(wav, sample_rate) + 26) < 1
        assert 1e-5 < np.abs(wav[:1_000]).max() < 0.003


@needs_espeak
def test_fricatives_hiss_and_closures_are_quiet(root):
    high_share, level = {"s": [], "sh": [], "iy": [], "ao": []}, {"tcl": [], "kcl": [], "ay": []}
    for path in recordings(root)[::4]:
        wav, _ = audio.read(path)
        for start, end, label in lines(path.with_suffix(".PHN")):
            piece = wav[int(start) : int(end)]
            if label in high_share:
                power = np.abs(np.fft.rfft(piece)) ** 2
                high_share[label].append(power[len(power) // 4 :].sum() / power.sum())  # above 2 kHz
            if label in level:
                level[label].append(np.sqrt(np.mean(piece**2)))
    assert np.percentile(high_share["s"], 5) > 0.8
    assert np.percentile(high_share["sh"], 5) > 0.8
    assert max(np.median(high_share["iy"]), np.median(high_share["ao"])) < 0.2
    assert max(np.median(level["tcl"]), np.median(level["kcl"])) < 0.02 * np.median(level["ay"])


@needs_espeak
def test_speakers_differ_more_than_their_sentences(root):
    means = {}
    for path in recordings(root):
        wav, _ = audio.read(path)
        frames = np.lib.stride_tricks.sliding_window_view(wav, 400)[::160] * np.hanning(400)
        spectrum = np.log(np.abs(np.fft.rfft(frames))[:, 1:] + 1e-3).mean(axis=0)
        means.setdefault(path.parent.name, []).append(spectrum)
    stacked = np.array(list(means.values()))  # (speakers, sentences, bins)
    distances = np.linalg.norm(stacked[:, None, :, None] - stacked[None, :, None], axis=-1).mean(axis=(2, 3))
    within = np.diag(distances) * 10 / 9  # less each sentence's distance from itself
    between = distances + np.diag(np.full(len(distances), np.inf))
    assert (between.min(axis=1) > within).all()


@needs_espeak
def test_what_is_missing_is_spoken_again_to_the_bit_and_the_rest_is_kept(root):
    before = contents(root)
    kept = root / SPEAKERS[0].folder / "SA1.WAV"
    time = kept.stat().st_mtime_ns
    (root / SPEAKERS[0].folder / "SX2.WAV").unlink()
    (root / SPEAKERS[3].folder / "SA2.PHN").unlink()
    for path in (root / SPEAKERS[5].folder).iterdir():
        path.unlink()
    minitimit.speak(root)
    assert contents(root) == before
    assert kept.stat().st_mtime_ns == time


@needs_espeak
def test_data_dirs_and_trials(root, tmp_path, capsys):
    written = minitimit.prepare(root, tmp_path)
    assert "SYNTHETIC speech (eSpeak NG), not TIMIT" in capsys.readouterr().out
    assert "NOT TIMIT: SYNTHETIC" in (root / "README").read_text()
    assert {split: len(utterances) for split, utterances in written.items()} == {"train": 80, "dev": 16, "test": 32}
    test = read_data_dir(tmp_path / "test")
    assert test == written["test"]
    assert {u.gender for u in test} == {"f", "m"}
    assert all(u.phones and u.text and "SA" not in u.id.split("-")[1] for u in test)
    pairs, is_target = read_trials(tmp_path / "test" / "trials")
    assert (len(pairs), is_target.sum()) == (496, 112)
