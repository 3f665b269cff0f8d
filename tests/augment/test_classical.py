"""Who is converted to whom, and what is known of a voice."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.augment.classical import (
    RECORDINGS_A_VOICE,
    cosines_of_bands,
    draw_targets,
    from_bands,
    gather_voices,
    keyed,
    read_voices,
    to_bands,
    voice_of,
)
from vcdisent.corpora.datadir import Utterance
from vcdisent.errors import InputError

SPEAKERS = [f"s{number}" for number in range(6)]


def utterance(number: int, speaker: str = "s0") -> Utterance:
    return Utterance(f"{speaker}-{number}", speaker, "nowhere")


def test_targets_are_others_and_none_comes_twice_before_all_have_come() -> None:
    for number in range(20):
        targets = draw_targets(utterance(number), SPEAKERS, 7, seed=0)
        assert sorted(targets[:5]) == SPEAKERS[1:]
        assert targets[5:] == targets[:2]


def test_targets_are_keyed_by_seed_and_utterance_alone() -> None:
    targets = draw_targets(utterance(3), SPEAKERS, 4, seed=0)
    assert draw_targets(utterance(3), reversed(SPEAKERS), 2, seed=0) == targets[:2]
    others = [draw_targets(utterance(3), SPEAKERS, 4, seed=seed) for seed in range(1, 6)]
    assert any(other != targets for other in others)


def test_every_other_speaker_is_as_likely() -> None:
    first = Counter(draw_targets(utterance(number), SPEAKERS, 1, seed=0)[0] for number in range(1000))
    assert set(first) == set(SPEAKERS[1:])
    assert max(first.values()) < 1.4 * min(first.values())


def test_a_speaker_may_have_but_a_few_targets_that_all_its_utterances_share() -> None:
    drawn = {t for number in range(30) for t in draw_targets(utterance(number), SPEAKERS, 2, 0, num_targets=2)}
    assert len(drawn) == 2 and "s0" not in drawn


def test_randomness_of_two_purposes_differs() -> None:
    assert keyed(0, "a", "x").random() == keyed(0, "a", "x").random()
    assert len({keyed(seed, p, n).random() for seed in (0, 1) for p in "ab" for n in "xy"}) == 8


def test_bands_and_bins_lead_into_each_other() -> None:
    bands = np.random.default_rng(0).standard_normal((3, 60))
    np.testing.assert_allclose(bands @ from_bands(16000, 60) @ to_bands(16000, 60), bands, atol=1e-9)
    cosines = cosines_of_bands(60, 24)
    np.testing.assert_allclose(cosines.T @ cosines, np.eye(24), atol=1e-12)
    np.testing.assert_allclose(cosines.sum(0), 0, atol=1e-9)


def test_voices_are_read_as_they_were_gathered(speech, tmp_path: Path) -> None:
    utterances = []
    for speaker, take in [(0, take) for take in range(RECORDINGS_A_VOICE + 2)] + [(2, 0)]:
        path = tmp_path / f"{speaker}{take}.wav"
        audio.write(path, speech(speaker, take, seconds=0.4), 16000)
        utterances.append(Utterance(f"s{speaker}-{take}", f"s{speaker}", str(path)))
    gather_voices(utterances, 16000, tmp_path / "voices", num_jobs=1)
    voices = read_voices(tmp_path / "voices")
    assert list(voices) == ["s0", "s2"]
    assert len(voices["s0"].f0_hz) == 4 * 41  # every other one of seven
    wav = audio.set_level(audio.read(tmp_path / "20.wav", 16000)[0], -26.0)
    np.testing.assert_allclose(voices["s2"].log_envelope, voice_of([wav], 16000).log_envelope, atol=0.02)
    assert np.exp(voices["s2"].pitch.log_mean) == pytest.approx(190, rel=0.1)
    assert np.exp(voices["s0"].pitch.log_mean) == pytest.approx(100, rel=0.1)


def test_one_voice_is_too_few(speech, tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", speech(0, seconds=0.2), 16000)
    with pytest.raises(InputError, match=r"holds one voice, and conversion takes two: give a data dir of several"):
        gather_voices([Utterance("a-0", "a", str(tmp_path / "a.wav"))], 16000, tmp_path / "voices", num_jobs=1)
