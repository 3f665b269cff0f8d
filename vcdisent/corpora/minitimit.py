"""minitimit: a small SYNTHETIC corpus in TIMIT's tree, spoken by eSpeak NG, so that TIMIT's recipe runs without TIMIT.

It says nothing about how well anything works on people. Sixteen voices in eight accents say ten sentences each; two of
them (SA) are the same for all, every other is said by one voice only, so that no test sentence is heard in training.
"""

import hashlib
import zlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import soxr

from vcdisent import audio
from vcdisent.atomic import write_text
from vcdisent.corpora import timit
from vcdisent.corpora.claim import claim
from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.espeak import Espeak, Speech
from vcdisent.corpora.espeak_phones import SILENCE, Segment, align
from vcdisent.corpora.minitimit_speakers import SENTENCES, SPEAKERS, Speaker, sentences

SAMPLE_RATE = 16_000
LEVEL_DB = -26.0
NOISE_DB = -70.0  # no real recording holds digital silence; the same for all, so that it tells nobody apart
MARGIN_S = (0.1, 0.2)  # silence before and after the speech, drawn from this range
FILES = ("PHN", "WRD", "TXT", "WAV")


def prepare(root: str | Path, out: str | Path, skipped: list[str] | None = None) -> dict[str, list[Utterance]]:
    """Speak the corpus, unless it is there already, and make data dirs of it as of TIMIT.

    Args:
        root: where TIMIT's tree goes: a new or empty folder, or one in which this was broken off.
        out: gets `train`, `dev` and `test`.
        skipped: gets a line about each recording that is left out.

    Returns:
        The utterances of each data dir: 10, 2 and 4 speakers with 8 each (SA is dropped, as with TIMIT).

    Raises:
        InputError: espeakng_loader is not installed, or `root` holds something else.
    """
    print("minitimit: this is SYNTHETIC speech (eSpeak NG), not TIMIT: figures on it say nothing about real voices")
    speak(Path(root))
    splits = {split: [s.name for s in SPEAKERS if s.split == split] for split in ("train", "dev", "test")}
    return timit.prepare(root, out, skipped, speakers=splits)


def speak(root: Path) -> None:
    """Speak the corpus into TIMIT's tree: the same bits every time. Recordings that are there already are kept.

    Raises:
        InputError: espeakng_loader is not installed, or `root` holds something else.
    """
    claim(root, _readme(), "minitimit")
    for number, speaker in enumerate(SPEAKERS):
        _speak_speaker(root / speaker.folder, speaker, dict(sentences(number)))
    print(f"{root}: {len(SPEAKERS)} synthetic speakers with {len(dict(sentences(0)))} utterances each")


def _readme() -> str:
    recipe = repr(SPEAKERS) + SENTENCES.read_text(encoding="utf-8")
    return (
        "This is minitimit, NOT TIMIT: SYNTHETIC speech in TIMIT's tree, spoken by eSpeak NG.\n"
        "`vcdisent prepare minitimit` made it. No person speaks here, the sentences are not TIMIT's, and phones and\n"
        "words come from the synthesiser. Figures on it show that the code runs; of people they say nothing.\n\n"
        + "".join(f"{s.folder}: {s.split}, {s.voice}, formants x {s.tract}\n" for s in SPEAKERS)
        + f"\nRecipe: {hashlib.sha256(recipe.encode()).hexdigest()[:16]}\n"
    )


def _speak_speaker(folder: Path, speaker: Speaker, texts: dict[str, str]) -> None:
    """All ten are spoken even if one is missing: what eSpeak NG has said before is heard in what it says next."""
    missing = {name for name in texts if not all((folder / f"{name}.{suffix}").is_file() for suffix in FILES)}
    if not missing:
        return
    espeak = Espeak()
    voice = replace(speaker.voice, words_per_minute=round(speaker.voice.words_per_minute / speaker.tract))  # see _write
    for name, text in texts.items():
        speech = espeak.speak(text, voice)
        if name in missing:
            _write(folder / name, speaker, text, speech)


def _write(path: Path, speaker: Speaker, text: str, speech: Speech) -> None:
    """Write one utterance's WAV (NIST SPHERE), PHN, WRD and TXT, each whole or not at all."""
    rng = np.random.default_rng(zlib.crc32(f"{speaker.name}-{path.name}".encode()))
    before, after = (round(s * SAMPLE_RATE) for s in rng.uniform(*MARGIN_S, size=2))
    native_rate = speech.sample_rate * speaker.tract  # played that much faster, all formants are higher
    wav = audio.set_level(soxr.resample(speech.wav, native_rate, SAMPLE_RATE), LEVEL_DB)
    wav = np.pad(wav, (before, after))
    wav += rng.normal(scale=10 ** (NOISE_DB / 20), size=len(wav)).astype(np.float32)

    phones, words = align(speech, text, speaker.voice.accent)
    phones = [_moved(s, native_rate, before) for s in phones]
    words = [_moved(s, native_rate, before) for s in words]
    write_text(path.with_suffix(".PHN"), _lines(_framed(phones, len(wav))))
    write_text(path.with_suffix(".WRD"), _lines(words))
    write_text(path.with_suffix(".TXT"), f"0 {len(wav)} {text}\n")
    audio.write(path.with_suffix(".WAV"), wav, SAMPLE_RATE, container="sph")


def _moved(segment: Segment, native_rate: float, offset: int) -> Segment:
    start, end = (offset + round(t * SAMPLE_RATE / native_rate) for t in segment[:2])
    return Segment(start, end, segment.label)


def _framed(phones: list[Segment], num_samples: int) -> list[Segment]:
    """The phones with silence before and after them, as long as the recording."""
    speech = [s for s in phones if s.label != SILENCE]
    ends = [Segment(0, speech[0].start, SILENCE), *speech, Segment(speech[-1].end, num_samples, SILENCE)]
    return [a._replace(end=b.start) for a, b in pairwise(ends)] + ends[-1:]


def _lines(segments: list[Segment]) -> str:
    return "".join(f"{s.start} {s.end} {s.label}\n" for s in segments)
