"""Blocks of waveforms."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vcdisent.batches import FrameBank
from vcdisent.config import build
from vcdisent.corpora.datadir import read_data_dir
from vcdisent.features.extract import extract
from vcdisent.features.recording import corpus_wav
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.waveform import Waveform
from vcdisent.training.checkpoint import load_normaliser

SETTINGS = {"kind": "Waveform", "sample_rate": 16000, "hop_length": 160, "level_db": -26.0, "trim_db": None}


@pytest.mark.parametrize("num_samples", [1, 159, 160, 1000])
def test_blocks_end_to_end_are_the_waveform(num_samples: int) -> None:
    wav = torch.randn(2, num_samples)
    blocks = Waveform()(wav)
    assert blocks.shape[1:] == (*LogMagnitude()(wav).shape[1:2], 160), "as many as there are frames"
    torch.testing.assert_close(blocks.flatten(1)[:, :num_samples], wav)
    assert not blocks.flatten(1)[:, num_samples:].any()


def test_a_corpus_of_blocks_is_not_normalised(corpus: Path, tmp_path: Path) -> None:
    utterances = read_data_dir(corpus / "dev")
    features = build(SETTINGS)
    extract(utterances, features, SETTINGS, tmp_path / "blocks")
    normaliser = load_normaliser(tmp_path / "blocks" / "stats.safetensors", features.frame_shape)
    bank = FrameBank.load(tmp_path / "blocks", torch.device("cpu"))
    wav = corpus_wav(features, utterances[0].read(16000)[0])
    kept = normaliser(bank.utterance(0)).flatten().numpy()[: len(wav)]
    assert np.abs(kept - wav).max() < 1e-3 * np.abs(wav).max()
