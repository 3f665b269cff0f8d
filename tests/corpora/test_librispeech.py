from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.librispeech import prepare
from vcdisent.corpora.trials import read_trials
from vcdisent.errors import InputError

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


def add(root, subset, speakers, num_utterances=2, suffix="flac", chapter="7"):
    """A subset of LibriSpeech with one chapter per speaker, and transcripts."""
    for speaker in speakers:
        folder = root / subset / speaker / chapter
        folder.mkdir(parents=True)
        ids = [f"{speaker}-{chapter}-{n:04d}" for n in range(num_utterances)]
        (folder / f"{speaker}-{chapter}.trans.txt").write_text(
            "".join(f"{name} THE WORDS {name[-1]}\n" for name in ids)
        )
        for name in ids:
            kind = {"format": "OGG", "subtype": "OPUS"} if suffix == "opus" else {}
            sf.write(folder / f"{name}.{suffix}", 0.1 * np.sin(np.arange(8_000) / 10), 16_000, **kind)


def add_speakers_file(path, genders):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{speaker:<5} | {gender} | train-clean-5 | 25.03 | Some | Body\n" for speaker, gender in genders.items()]
    path.write_text(";ID  |SEX| SUBSET           |MINUTES| NAME\n" + "".join(rows))


def speakers(utterances):
    return sorted({u.speaker for u in utterances})


def test_whole_layout(tmp_path, capsys):
    root = tmp_path / "LibriSpeech"
    add(root, "train-clean-100", ["19", "103", "1034"])
    add(root, "train-other-500", ["20"], suffix="wav")
    add(root, "dev-clean", ["84"])
    add(root, "test-clean", ["61", "121"])
    add_speakers_file(root / "SPEAKERS.TXT", {"19": "F", "103": "M", "61": "M"})
    got = prepare(root, tmp_path / "data")
    assert {name: speakers(utterances) for name, utterances in got.items()} == {
        "train": ["103", "1034", "19", "20"],
        "dev": ["84"],
        "test": ["121", "61"],
    }
    train = read_data_dir(tmp_path / "data/train")
    assert train == got["train"]
    assert [u.id for u in train][:4] == ["103-7-0000", "103-7-0001", "1034-7-0000", "1034-7-0001"]
    assert train[4].gender == "f" and train[4].text == "THE WORDS 0" and train[2].gender is None
    assert Path(train[6].source) == (root / "train-other-500/20/7/20-7-0000.wav").resolve()
    pairs, is_target = read_trials(tmp_path / "data/test/trials")
    assert len(pairs) == 6 and is_target.sum() == 2
    assert (tmp_path / "data/dev/trials").exists() and not (tmp_path / "data/train/trials").exists()
    assert f"{tmp_path}/data/train: 8 utterances, 4 speakers, 0.0 h" in capsys.readouterr().out


def test_subsets_at_any_depth_and_of_any_format(tmp_path):
    add(tmp_path, "train/part1/one", ["1"], suffix="opus")
    add(tmp_path, "train/part2/two", ["2"], suffix="opus")
    add(tmp_path, "dev/one", ["3"])
    add(tmp_path, "test/other", ["4"])
    (tmp_path / "test/vctk/p225").mkdir(parents=True)
    (tmp_path / "test/vctk/p225/p225_001.flac").write_bytes(b"another layout")
    add_speakers_file(tmp_path / "licences/SPEAKERS.TXT", {"4": "F"})
    got = prepare(tmp_path, tmp_path / "data")
    assert [speakers(got[name]) for name in ("train", "dev", "test")] == [["1", "2"], ["3"], ["4"]]
    assert got["test"][0].gender == "f"
    assert prepare(tmp_path, tmp_path / "data") == got


def test_mini_librispeech_halves_dev(tmp_path, capsys):
    add(tmp_path, "LibriSpeech/train-clean-5", ["1", "2"])
    add(tmp_path, "LibriSpeech/dev-clean-2", ["10", "11", "12", "13"])
    add_speakers_file(tmp_path / "LibriSpeech/SPEAKERS.TXT", {"10": "F", "11": "M", "12": "F", "13": "M"})
    got = prepare(tmp_path, tmp_path / "data")
    assert speakers(got["dev"]) == ["10", "11"] and speakers(got["test"]) == ["12", "13"]
    assert {u.gender for u in got["dev"]} == {u.gender for u in got["test"]} == {"f", "m"}
    assert "the speakers of dev are halved" in capsys.readouterr().out


def test_one_subset_gives_all_three(tmp_path, capsys):
    add(tmp_path, "train-clean-100", [str(k) for k in range(10, 42)], num_utterances=1)
    got = prepare(tmp_path / "train-clean-100", tmp_path / "data")
    assert [len(speakers(got[name])) for name in ("train", "dev", "test")] == [24, 4, 4]
    assert not {*speakers(got["train"])} & {*speakers(got["dev"]), *speakers(got["test"])}
    assert "no dev and no test subset" in capsys.readouterr().out


def test_refuses_too_few_speakers_to_split(tmp_path):
    add(tmp_path, "dev-clean", ["1", "2", "3"])
    with pytest.raises(InputError, match="has 3 speakers, too few to split"):
        prepare(tmp_path, tmp_path / "data")


def test_refuses_a_speaker_in_two_splits(tmp_path):
    for subset, names in {"train": ["1", "2"], "dev": ["3"], "test": ["2"]}.items():
        add(tmp_path, subset, names)
    with pytest.raises(InputError, match="speaker 2 is in train and in test"):
        prepare(tmp_path, tmp_path / "data")


@pytest.mark.parametrize("exists", [True, False])
def test_tells_how_to_download(tmp_path, exists):
    root = tmp_path / "my corpora"
    if exists:
        (root / "train-clean-5").mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        prepare(root, tmp_path / "data")
    assert f"| tar xz -C '{root}'" in str(caught.value) and "openslr.org/resources/31" in str(caught.value)


def test_lists_what_it_leaves_out(tmp_path, capsys):
    for subset, name in {"train": "1", "dev": "2", "test": "3"}.items():
        add(tmp_path, subset, [name])
    bad = tmp_path / "train/1/7/1-7-0001.flac"
    bad.write_bytes(b"")
    skipped = []
    got = prepare(tmp_path, tmp_path / "data", skipped)
    assert len(got["train"]) == 1 and skipped == [f"{bad.resolve()}: is empty (0 bytes), where a recording is expected"]
    assert f"left out (1):\n  {skipped[0]}" in capsys.readouterr().err
    (tmp_path / "dev/2/7/2-7-0000.flac").write_bytes(b"")
    (tmp_path / "dev/2/7/2-7-0001.flac").write_bytes(b"")
    with pytest.raises(InputError, match=r"none of 2 recordings can be used; the first: .*2-7-0000.flac: is empty"):
        prepare(tmp_path, tmp_path / "data")


@pytest.mark.skipif(not (SHARED / "speech").is_dir(), reason="needs ../shared/data/speech")
def test_real_speech(tmp_path):
    got = prepare(SHARED / "speech", tmp_path / "data")
    assert {name: (len(u), len(speakers(u))) for name, u in got.items()} == {
        "train": (1_334, 245),
        "dev": (72, 6),
        "test": (100, 10),
    }
    _, is_target = read_trials(tmp_path / "data/test/trials")
    assert (len(is_target), is_target.sum()) == (4_950, 450)
    for name in got:
        assert read_data_dir(tmp_path / "data" / name) == got[name]
        assert {u.gender for u in got[name]} == {"f", "m"}
