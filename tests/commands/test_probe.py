"""What is probed of a checkpoint, and how it is shown."""

import json
import shutil
from dataclasses import replace
from functools import partial

import pytest

from vcdisent.commands import probe as probing
from vcdisent.corpora.datadir import read_data_dir, write_data_dir
from vcdisent.evaluation import probe_rows, speaker_probe
from vcdisent.evaluation.probes import Training

NETWORK = replace(speaker_probe.HOW, max_steps=2, dev_every=2, log_every=1)


@pytest.fixture
def aligned(corpus, tmp_path):
    """The tiny corpus with something like alignments: every tenth of a second another phone, silence at the end."""
    for split in ("train", "dev"):
        phones = [
            (0.1 * n, 0.1, name) for n, name in enumerate(["aa", "b", "k", "aa", "spn", "b", "k", "aa", "b", "sil"])
        ]
        own = read_data_dir(corpus / split)
        write_data_dir(tmp_path / split, [replace(utterance, phones=tuple(phones)) for utterance in own])
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """Probes that take two steps; what they find is tested elsewhere."""
    for name in ("phone_rows", "speaker_rows"):
        rows = getattr(probe_rows, name)
        monkeypatch.setattr(probing, name, partial(rows, how=Training(num_steps=2, check_every=1)))
    monkeypatch.setattr(speaker_probe, "SEGMENT_S", 0.5)
    monkeypatch.setattr(probing, "speaker_network_figures", partial(speaker_probe.speaker_network_figures, how=NETWORK))


def test_all_that_can_be_probed(vcdisent, checkpoint_folder, aligned, quick, tmp_path):
    out = tmp_path / "probes"
    options = ["--context", 3, "--baselines", "--speaker-network", "--speakers", aligned / "train", "--pictures"]
    options += ["--model", checkpoint_folder, "--device", "cpu"]
    ran = vcdisent("probe", "--train", aligned / "train", "--test", aligned / "dev", "-o", out, *options)
    assert ran.status == 0, ran.err
    record = json.loads((out / "probes.json").read_text())
    names = {task: [row["name"] for row in record[task]] for task in ("phone", "speaker", "speaker_network")}
    assert names["phone"] == [
        *("static", "dynamic", "dynamic_context", "untrained_dynamic", "noise", "frames", "frames_context", "chance"),
    ]
    assert names["speaker"] == [
        *("static", "dynamic", "untrained_dynamic", "noise", "frames"),
        *("static_recording", "dynamic_recording", "mean_spectrum", "chance"),
    ]
    assert names["speaker_network"] == ["dynamic", "noise", "frames", "loudness", "phones"]
    assert record["num_network_recordings"] == record["num_train_recordings"] and record["context_frames"] == 3
    assert record["num_phones"] == 3 and record["num_train_speakers"] == 4 and record["num_test_speakers"] == 2
    assert {path.name for path in out.iterdir()} == {"probes.json", *record["pictures"]}, "nothing is left behind"
    assert not ran.err.count("no row of phones"), "all recordings have an alignment"
    assert "input, 7 frames" in ran.out and "dev: 3 phones (no silence) of 2 speakers" in ran.out


def test_context_is_a_tenth_of_a_second_and_a_missing_alignment_is_told(
    vcdisent, checkpoint_folder, aligned, corpus, quick, tmp_path
):
    words = ["--train", aligned / "train", "--test", aligned / "dev", "--speaker-network", "--baselines"]
    words += ["--speakers", corpus / "train", "--model", checkpoint_folder, "-o", tmp_path / "out", "--device", "cpu"]
    ran = vcdisent("probe", *words)
    assert ran.status == 0 and "no row of phones for the speaker network" in ran.err
    record = json.loads((tmp_path / "out/probes.json").read_text())
    assert record["context_frames"] == 10 and record["frame_s"] == 0.01, "frames of 10 ms"
    assert [row["name"] for row in record["speaker_network"]] == ["dynamic", "noise", "frames", "loudness"]


def test_a_report_shows_probes_and_pictures(vcdisent, checkpoint_folder, aligned, quick, tmp_path):
    folders = []
    for seed in (0, 1):
        folder = shutil.copytree(checkpoint_folder, tmp_path / f"exp/tiny_seed{seed}")
        words = ["--train", aligned / "train", "--test", aligned / "dev", "--model", folder, "-o", folder / "probes"]
        assert vcdisent("probe", *words, *(["--pictures"] if seed == 0 else [])).status == 0
        words = ["--trials", aligned / "dev/trials", aligned / "dev", "--model", folder, "-o", folder / "scores/dev"]
        assert vcdisent("trials", aligned / "dev").status == 0 and vcdisent("verify", *words).status == 0
        folders.append(folder)
    assert vcdisent("report", *folders, "-o", tmp_path / "R.md").status == 0
    text = (tmp_path / "R.md").read_text()
    assert "## Probes" in text and "| tiny_seed0, z, one frame " in text and "| tiny_seed1, z, one frame " in text
    assert text.count("chance: the commonest class") == 2, "once for phones and once for speakers"
    assert "(exp/tiny_seed0/probes/static.png)" in text and "tiny_seed1/probes/static.png" not in text
    assert vcdisent("report", "--seeds", *folders, "-o", tmp_path / "S.md").status == 0
    rows = [line.split("|")[1:3] for line in (tmp_path / "S.md").read_text().splitlines() if line.startswith("| tiny")]
    assert [[cell.strip() for cell in row] for row in rows] == [["tiny", "2"]]


def test_what_cannot_be_probed_is_told(vcdisent, checkpoint_folder, aligned, corpus, tmp_path):
    words = ["--model", checkpoint_folder, "-o", tmp_path / "out"]
    ran = vcdisent("probe", "--train", corpus / "train", "--test", aligned / "dev", *words)
    assert (ran.status, ran.out) == (2, "") and "has no phones.ctm; run vcdisent align" in ran.err
    ran = vcdisent("probe", "--train", corpus, "--test", corpus, "--speakers", corpus, *words)
    assert ran.status == 2 and "--speaker-network learns from; give both" in ran.err
    ran = vcdisent("report", "--seeds", checkpoint_folder, "-o", tmp_path / "S.md")
    assert ran.status == 2 and "hold no scores" in ran.err and not (tmp_path / "S.md").exists()
