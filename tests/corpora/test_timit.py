from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.corpora import timit
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.corpora.timit_phones import FOLDED, PHONES, UNFOLDED, read_phones
from vcdisent.corpora.trials import read_trials
from vcdisent.errors import InputError

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
SENTENCES = ("SA1", "SA2", "SI1027", "SI1657", "SI648", "SX117", "SX207", "SX27", "SX297", "SX387")
PHN = "0 2400 h#\n2400 4000 q\n4000 5600 ix\n5600 6000 dcl\n6000 8000 d\n"
TEXT = "0 8000 She'd your dark-suit, in greasy?\n"
LISTS = files("vcdisent.corpora") / "timit_speakers"


def add(root, folder, speaker, sentences=SENTENCES, lower=False, suffix=".WAV", container="sph"):
    """One speaker's folder in TIMIT's tree."""
    parts = Path(folder, speaker)
    parts = Path(str(parts).lower()) if lower else parts
    wav = (0.1 * np.sin(np.arange(8_000) / 10)).astype(np.float32)
    for sentence in sentences:
        stem = root / parts / (sentence.lower() if lower else sentence)
        suffixes = [s.lower() if lower else s for s in (suffix, ".PHN", ".TXT")]
        audio.write(Path(f"{stem}{suffixes[0]}"), wav, 16_000, container=container)
        Path(f"{stem}{suffixes[1]}").write_text(PHN)
        Path(f"{stem}{suffixes[2]}").write_text(TEXT)


def small_timit(root, **options):
    add(root, "TRAIN/DR1", "FCJF0", **options)
    add(root, "TEST/DR1", "FAKS0", **options)
    add(root, "TEST/DR2", "MDAB0", **options)
    add(root, "TEST/DR3", "FPKT0", **options)
    add(root, "TEST/DR3", "MXXX0", **options)  # in neither list


LAYOUTS = [
    {},
    {"lower": True},
    {"suffix": ".WAV.wav", "container": "wav"},
    {"suffix": ".wav", "container": "wav", "lower": True},
]


@pytest.mark.parametrize("options", LAYOUTS)
def test_reads_the_tree_in_any_case(tmp_path, options, capsys):
    small_timit(tmp_path / "LDC93S1/timit", **options)
    got = timit.prepare(tmp_path / "LDC93S1", tmp_path / "data")
    assert {name: sorted({u.speaker for u in utterances}) for name, utterances in got.items()} == {
        "train": ["FCJF0"],
        "dev": ["FAKS0"],
        "test": ["FPKT0", "MDAB0"],
    }
    assert [u.id for u in got["train"]] == [f"FCJF0-{name}" for name in sorted(SENTENCES[2:])]
    assert got["test"] == read_data_dir(tmp_path / "data/test")
    first = got["test"][-1]
    assert (first.gender, first.text) == ("m", "SHE'D YOUR DARK SUIT IN GREASY")
    assert first.phones == ((0.0, 0.15, "sil"), (0.25, 0.1, "ih"), (0.35, 0.025, "sil"), (0.375, 0.125, "d"))
    assert first.read()[1] == 16_000
    _, is_target = read_trials(tmp_path / "data/test/trials")
    assert (len(is_target), is_target.sum()) == (120, 56)
    warning = capsys.readouterr().err
    assert "10 TRAIN (whole: 4,620) and 40 TEST (whole: 1,680)" in warning


def test_a_riff_copy_beside_the_sphere_file_counts_once(tmp_path):
    small_timit(tmp_path)
    small_timit(tmp_path, suffix=".WAV.wav", container="wav")
    found = timit.find(tmp_path)
    assert len(found) == 50 and {r.wav.suffix for r in found} == {".WAV"}


def test_takes_a_split_of_its_own_without_a_warning(tmp_path, capsys):
    small_timit(tmp_path)
    split = {"train": ["FCJF0", "MXXX0"], "dev": ["MDAB0"], "test": ["FAKS0"]}
    got = timit.prepare(tmp_path, tmp_path / "data", speakers=split)
    assert {name: sorted({u.speaker for u in utterances}) for name, utterances in got.items()} == split
    assert capsys.readouterr().err == ""


def test_lists_bad_recordings_and_bad_alignments(tmp_path, capsys):
    small_timit(tmp_path)
    folder = tmp_path.resolve() / "TRAIN/DR1/FCJF0"
    (folder / "SI648.PHN").write_text("0 2400 h#\n2400 4000 zz\n")
    (folder / "SX117.WAV").write_bytes((folder / "SX117.WAV").read_bytes()[:9_000])
    skipped = []
    got = timit.prepare(tmp_path, tmp_path / "data", skipped)
    assert len(got["train"]) == 6 and len(skipped) == 2
    assert skipped[0].startswith(f"{folder}/SI648.PHN line 2: zz is none of TIMIT's 61")
    assert skipped[1].startswith(f"{folder}/SX117.WAV: is truncated")
    assert skipped[1] in capsys.readouterr().err


def test_refuses_a_folder_without_timit(tmp_path):
    with pytest.raises(InputError, match="no TIMIT found"):
        timit.prepare(tmp_path / "nowhere", tmp_path / "data")


def whole_timit(root):
    """All of TIMIT's names, as links to one recording: in TEST 24 speakers of the core test, 50 of dev, 94 others."""
    add(root, "seed", "FSEE0", sentences=["SX1"])
    seed = root / "seed/FSEE0/SX1.WAV"
    core, dev = ((LISTS / name).read_text().split() for name in ("core_test.spk", "dev.spk"))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    other = [f"M{a}{b}Z9" for a in letters for b in letters][: 462 + 94]
    for k, speaker in enumerate([*other, *core, *dev]):
        folder = root / ("TRAIN" if k < 462 else "TEST") / "DR1" / speaker
        folder.mkdir(parents=True)
        for sentence in SENTENCES:
            (folder / f"{sentence}.WAV").symlink_to(seed)


def test_the_whole_corpus_has_kaldis_counts(tmp_path, capsys):
    whole_timit(tmp_path)
    got = timit.prepare(tmp_path, tmp_path / "data")
    assert {name: len(utterances) for name, utterances in got.items()} == {"train": 3_696, "dev": 400, "test": 192}
    _, is_target = read_trials(tmp_path / "data/test/trials")
    assert (len(is_target), is_target.sum()) == (18_336, 672)
    output = capsys.readouterr()
    assert output.err == "" and "data/train: 3,696 utterances, 462 speakers, 0.5 h" in output.out
    (tmp_path / "TEST/DR1/MDAB0/SX27.WAV").unlink()
    (tmp_path / "TEST/DR1/MDAB0/SX27.WAV").write_bytes(b"")
    with pytest.raises(InputError, match="has 18,145 trials of 191 recordings, not 18,336 of 192"):
        timit.prepare(tmp_path, tmp_path / "data")


def test_folds_61_phones_to_39():
    of_timit = (set(FOLDED) - {"sil"}) | set(UNFOLDED.split()) | {"q"}
    assert len(of_timit) == 61 and len(PHONES) == 39


@pytest.mark.parametrize("line", ["0 10", "0 x aa", "0 10 aa b", "a b"])
def test_names_a_bad_line_of_an_alignment(tmp_path, line):
    (tmp_path / "SX1.PHN").write_text(f"0 5 h#\n{line}\n")
    with pytest.raises(InputError, match=r"SX1.PHN line 2: is"):
        read_phones(tmp_path / "SX1.PHN")


@pytest.mark.skipif(not (SHARED / "timit").is_dir(), reason="needs ../shared/data/timit")
@pytest.mark.parametrize("name", ["core_test.spk", "dev.spk"])
def test_the_lists_are_kaldis(name):
    assert (LISTS / name).read_text().split() == (SHARED / "timit" / name).read_text().split()
