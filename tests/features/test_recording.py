"""Recordings to frames: level, trimming, and blocks of what does not fit in memory."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vcdisent import audio
from vcdisent.audio_level import level_db
from vcdisent.features.recording import blocks_of, corpus_frames, level_gain, wav_frames
from vcdisent.features.spectrogram import LogMagnitude


def noise(num_samples: int, scale: float = 0.1) -> np.ndarray:
    return (scale * np.random.default_rng(0).standard_normal(num_samples)).astype(np.float32)


@settings(max_examples=50, deadline=None)
@given(num_samples=st.integers(1, 200), block=st.integers(2, 60), data=st.data())
def test_blocks_of_a_waveform_share_their_ends_and_nothing_is_lost(num_samples: int, block: int, data) -> None:
    overlap = data.draw(st.integers(0, block - 1))
    wav = np.arange(num_samples, dtype=np.float32)
    blocks = list(blocks_of(wav, 1, block, overlap))
    assert all(len(b) == block for b in blocks[:-1])
    assert 0 < len(blocks[-1]) <= block
    for before, after in pairwise(blocks):
        np.testing.assert_array_equal(before[block - overlap :], after[:overlap])
    np.testing.assert_array_equal(np.concatenate([blocks[0], *(b[overlap:] for b in blocks[1:])]), wav)


@pytest.mark.parametrize(("block_s", "overlap_s"), [(0.1, 0.0), (0.1, 0.025), (3.0, 1.0)])
def test_a_file_comes_in_the_blocks_of_its_waveform(tmp_path: Path, block_s: float, overlap_s: float) -> None:
    audio.write(tmp_path / "a.wav", noise(7000), 16000)
    wav, _ = audio.read(tmp_path / "a.wav")
    of_file = list(blocks_of(tmp_path / "a.wav", 16000, block_s, overlap_s))
    of_wav = list(blocks_of(wav, 16000, block_s, overlap_s))
    assert [len(block) for block in of_file] == [len(block) for block in of_wav]
    np.testing.assert_array_equal(np.concatenate(of_file), np.concatenate(of_wav))


def test_frames_of_blocks_are_the_frames_of_the_whole() -> None:
    features, wav = LogMagnitude(), noise(16000)
    whole = wav_frames(features, wav)
    overlap, hop = 6, features.hop_length
    blocks = list(blocks_of(wav, 16000, 40 * hop / 16000, overlap * hop / 16000))
    for n, block in enumerate(blocks):
        first = n * (40 - overlap)
        frames = wav_frames(features, block)[2:-2]  # the outer ones see the silence around a block
        torch.testing.assert_close(frames, whole[first + 2 : first + 2 + len(frames)], atol=1e-4, rtol=0)
    assert len(blocks) == 3


def test_frames_carry_no_gradient_and_take_any_memory_layout() -> None:
    features, wav = LogMagnitude(), noise(3200)
    frames = wav_frames(features, wav[::2])
    assert frames.shape == (11, 200)
    assert not frames.requires_grad
    torch.testing.assert_close(frames, wav_frames(features, wav[::2].copy()))


@pytest.mark.parametrize("scale", [0.001, 0.1, 0.9])
def test_a_recording_is_brought_to_its_level(tmp_path: Path, scale: float) -> None:
    features, wav = LogMagnitude(level_db=-26.0), noise(8000, scale).clip(-1, 1)
    gain = level_gain(features, wav)
    assert level_db(wav * gain) == pytest.approx(-26.0, abs=0.01)
    audio.write(tmp_path / "a.flac", wav, 16000)
    assert level_gain(features, tmp_path / "a.flac") == pytest.approx(gain, rel=0.02)


def test_the_level_is_of_all_blocks() -> None:
    features = LogMagnitude(sample_rate=200)  # so that 30 s, the block of the level, are 6,000 samples
    quiet_then_loud = np.concatenate([noise(6000, 0.01), noise(6000, 0.1)])
    assert level_db(quiet_then_loud * level_gain(features, quiet_then_loud), 200) == pytest.approx(-26.0, abs=0.01)


@pytest.mark.parametrize(("wanted_db", "wav"), [(None, noise(1600)), (-26.0, np.zeros(1600, np.float32))])
def test_no_wish_and_silence_leave_a_recording_as_it_is(wanted_db: float | None, wav: np.ndarray) -> None:
    assert level_gain(LogMagnitude(level_db=wanted_db), wav) == 1


def test_loudness_does_not_show_in_corpus_frames_unless_wanted() -> None:
    wav = noise(4000, 0.05)
    levelled, as_is = LogMagnitude(), LogMagnitude(level_db=None)
    torch.testing.assert_close(corpus_frames(levelled, wav), corpus_frames(levelled, 4 * wav), atol=1e-3, rtol=0)
    difference = corpus_frames(as_is, 4 * wav) - corpus_frames(as_is, wav)
    torch.testing.assert_close(difference, torch.full_like(difference, math.log(4)))


def test_silent_ends_are_trimmed_on_request() -> None:
    ends, speech = np.zeros(8000, np.float32), noise(8000)
    wav = np.concatenate([ends, speech, ends])
    kept, trimmed = corpus_frames(LogMagnitude(), wav), corpus_frames(LogMagnitude(trim_db=40.0), wav)
    assert len(kept) == 151
    assert 50 <= len(trimmed) <= 56  # librosa keeps the frames of its own that touch the speech
    assert trimmed.mean() > kept.mean()


def test_waveforms_of_other_types_are_taken() -> None:
    wav = noise(4000)
    (block,) = blocks_of(wav.astype(np.float64), 16000, 1.0)
    assert block.dtype == np.float32
    np.testing.assert_array_equal(block, wav)
