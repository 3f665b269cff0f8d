"""Is a converted recording the target's voice, does it sound well, and are its words still there?"""

import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np

from vcdisent.evaluation.distances import f0_correlation, parallel_distances
from vcdisent.evaluation.error_rates import phone_error_rate, text_errors
from vcdisent.evaluation.judge import SAMPLE_RATE, Judges, similarity
from vcdisent.features.pitch import track_f0
from vcdisent.progress import progress

Row = dict[str, Any]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Conversion:
    """One converted recording and what it is held against; recordings are whatever the reader knows them by.

    Attributes:
        name: Of its row.
        converted: What to score; a copy of the source, say, for a baseline.
        source: Whose words it should say.
        targets: Whose voice it should have: one or more recordings, best not those that the conversion was given.
        text: The source's words, if a person wrote them down.
        parallel: The target saying what the source says, if there is such a recording.
        group: What else depends on the same chance, such as the pair of speakers: intervals draw whole groups.
        source_voice: Other recordings of the source's speaker, as `targets` are of the target's.
    """

    name: str
    converted: Hashable
    source: Hashable
    targets: Sequence[Hashable]
    text: str | None = None
    parallel: Hashable | None = None
    group: str | None = None
    source_voice: Sequence[Hashable] = ()


def score_conversions(pairs: Iterable[Conversion], judges: Judges, read: Callable[[Any], np.ndarray]) -> list[Row]:
    """Score each conversion; what is heard in a recording is kept, so that using it again costs nothing.

    Args:
        pairs: What to score.
        judges: Who scores it.
        read: Gives the waveform (N,) at 16 kHz of a recording.

    Returns:
        One row a conversion: `name`, `group`; `similarity_target`, `similarity_source` (cosines), `nearer_to_target`;
        `similarity_source_voice` and `nearer_to_target_voice` likewise, the source's voice heard in other recordings;
        each opinion score by its name and, of the source, with `source_` before it; `wer` and `cer` against what the
        same recogniser hears in the source, of `num_words`; `wer_capped`, a recording's errors no more than its words,
        as a small recogniser that loses the thread may say one of them a hundred times; where there is a text,
        `wer_text` and `source_wer_text` against it, of `num_words_text`; `per` of phones, against those heard in the
        source, of `num_phones`. An error rate is None where its reference has nothing. `f0_correlation` with the
        source; `mcd_db` and `f0_rmse_semitones` against the target saying the same; `similarity_real`, of one of the
        target's recordings to its others, and `similarity_imposed`, of the converted one to these. What there is
        nothing to measure by is None.
    """
    embed, transcribe = _remembering(judges.voice.embed, read), _remembering(judges.words.transcribe, read)
    recognise = _remembering(judges.phones.recognise, read)
    pitch = _remembering(partial(track_f0, sample_rate=SAMPLE_RATE), read)
    qualities = {name: _remembering(judge.score, read) for name, judge in judges.qualities.items()}
    return [
        {"name": pair.name, "group": pair.group}
        | _voice_columns(pair, embed)
        | {name: score(pair.converted) for name, score in qualities.items()}
        | {f"source_{name}": score(pair.source) for name, score in qualities.items()}
        | _word_columns(pair, transcribe)
        | _phone_columns(pair, recognise)
        | _distance_columns(pair, pitch, read)
        for pair in progress(list(pairs), unit="recording")
    ]


def _voice_columns(pair: Conversion, embed: Callable[[Hashable], np.ndarray]) -> Row:
    converted, source = embed(pair.converted), embed(pair.source)
    voices = np.stack([embed(recording) for recording in pair.targets])
    target = voices.mean(axis=0)
    to_target, to_source = similarity(converted, target), similarity(converted, source)
    own = np.mean([embed(recording) for recording in pair.source_voice], axis=0) if pair.source_voice else None
    to_own = None if own is None else similarity(converted, own)
    return {
        "similarity_target": to_target,
        **_imposture(pair.name, converted, voices),
        "similarity_source": to_source,
        "nearer_to_target": to_target > to_source,
        "similarity_source_voice": to_own,
        "nearer_to_target_voice": None if to_own is None else to_target > to_own,
    }


def _imposture(name: str, converted: np.ndarray, voices: np.ndarray) -> Row:
    """Similarity to all recordings of the target but one: that one's, and the converted one's in its place."""
    if len(voices) < 2:
        return {"similarity_real": None, "similarity_imposed": None}
    left_out = zlib.crc32(name.encode()) % len(voices)  # another of them for each row, always the same
    others = np.delete(voices, left_out, axis=0).mean(axis=0)
    return {
        "similarity_real": similarity(voices[left_out], others),
        "similarity_imposed": similarity(converted, others),
    }


def _word_columns(pair: Conversion, transcribe: Callable[[Hashable], str]) -> Row:
    heard, heard_in_source = transcribe(pair.converted), transcribe(pair.source)
    errors = text_errors(heard_in_source, heard)
    by_text = text_errors(pair.text or "", heard)
    source_by_text = text_errors(pair.text or "", heard_in_source)
    return {
        "wer": errors and errors.wer,
        "wer_capped": errors and min(errors.wer, 1.0),
        "cer": errors and errors.cer,
        "num_words": errors.num_words if errors else 0,
        "wer_text": by_text and by_text.wer,
        "source_wer_text": source_by_text and source_by_text.wer,
        "num_words_text": by_text.num_words if by_text else 0,
    }


def _phone_columns(pair: Conversion, recognise: Callable[[Hashable], list[str]]) -> Row:
    of_source = recognise(pair.source)
    return {"per": phone_error_rate(of_source, recognise(pair.converted)), "num_phones": len(of_source)}


def _distance_columns(
    pair: Conversion, pitch: Callable[[Hashable], np.ndarray], read: Callable[[Any], np.ndarray]
) -> Row:
    distortion = semitones = None
    if pair.parallel is not None:
        distortion, semitones = parallel_distances(read(pair.converted), read(pair.parallel), SAMPLE_RATE)
    return {
        "f0_correlation": f0_correlation(pitch(pair.converted), pitch(pair.source)),
        "mcd_db": distortion,
        "f0_rmse_semitones": semitones,
    }


def _remembering(
    judge: Callable[[np.ndarray], Value], read: Callable[[Any], np.ndarray]
) -> Callable[[Hashable], Value]:
    return cache(lambda recording: judge(read(recording)))
