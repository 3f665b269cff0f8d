"""Is a converted recording the target's voice, does it sound well, and are its words still there?"""

import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np

from vcdisent.evaluation.distances import f0_correlation, parallel_distances
from vcdisent.evaluation.judge import SAMPLE_RATE, Judges, similarity, text_errors
from vcdisent.evaluation.verification import equal_error_rate
from vcdisent.features.pitch import track_f0
from vcdisent.progress import progress

Row = dict[str, Any]
Value = TypeVar("Value")
WEIGHTS = {"wer": "num_words", "cer": "num_words", "wer_text": "num_words_text", "source_wer_text": "num_words_text"}


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
        each opinion score by its name and, of the source, with `source_` before it; `wer` and `cer` against what
        the same recogniser hears in the source, of `num_words`; where there is a text, `wer_text` and `source_wer_text`
        against it, of `num_words_text`. An error rate is None where its reference has no words. `f0_correlation` with
        the source; `mcd_db` and `f0_rmse_semitones` against the target saying the same; `similarity_real`, of one of
        the target's recordings to its others, and `similarity_imposed`, of the converted one to these. What there is
        nothing to measure by is None.
    """
    embed, transcribe = _remembering(judges.voice.embed, read), _remembering(judges.words.transcribe, read)
    pitch = _remembering(partial(track_f0, sample_rate=SAMPLE_RATE), read)
    qualities = {name: _remembering(judge.score, read) for name, judge in judges.qualities.items()}
    return [
        {"name": pair.name, "group": pair.group}
        | _voice_columns(pair, embed)
        | {name: score(pair.converted) for name, score in qualities.items()}
        | {f"source_{name}": score(pair.source) for name, score in qualities.items()}
        | _word_columns(pair, transcribe)
        | _distance_columns(pair, pitch, read)
        for pair in progress(list(pairs), unit="recording")
    ]


def summarise(rows: Sequence[Row], num_draws: int = 1000, seed: int = 0) -> dict[str, dict[str, float]]:
    """Mean of each column of numbers with its 95% bootstrap interval; rows of one group are drawn together.

    Error rates are weighted by the length of their references: errors over words, not the mean of ratios.

    Returns:
        By column, `mean`, `low`, `high` and `num_rows`, the rows that have a value. Another, `eer_real`, is the equal
        error rate at which real recordings of the targets are told from converted ones by their similarity: 50% is the
        best that a conversion can do.

    Raises:
        ValueError: There are no rows.
    """
    if not rows:
        raise ValueError("no conversions to summarise")
    draws = _draws(rows, num_draws, seed)
    columns = [name for name in rows[0] if name not in ("name", "group", *WEIGHTS.values())]
    summary = {name: _interval(rows, name, draws) for name in columns if any(row[name] is not None for row in rows)}
    return summary | ({"eer_real": _eer_real(rows, draws)} if "similarity_real" in summary else {})


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
        "cer": errors and errors.cer,
        "num_words": errors.num_words if errors else 0,
        "wer_text": by_text and by_text.wer,
        "source_wer_text": source_by_text and source_by_text.wer,
        "num_words_text": by_text.num_words if by_text else 0,
    }


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


def _draws(rows: Sequence[Row], num_draws: int, seed: int) -> np.ndarray:
    """How often each row is in each draw (num_draws, len(rows)): groups are drawn with replacement."""
    keys = [row["group"] or f"row {index}" for index, row in enumerate(rows)]
    _, group_of_row = np.unique(keys, return_inverse=True)
    num_groups = group_of_row.max() + 1
    chosen = np.random.default_rng(seed).integers(num_groups, size=(num_draws, num_groups))
    counts = np.stack([np.bincount(draw, minlength=num_groups) for draw in chosen])
    return counts[:, group_of_row]


def _eer_real(rows: Sequence[Row], draws: np.ndarray) -> dict[str, float]:
    known = [row for row in rows if row["similarity_real"] is not None]
    scores = np.array([[row["similarity_real"], row["similarity_imposed"]] for row in known])
    is_known = np.array([row["similarity_real"] is not None for row in rows])

    def rate(counts: np.ndarray) -> float:
        drawn = np.repeat(scores, counts, axis=0)
        return equal_error_rate(drawn.T.ravel(), np.repeat([True, False], len(drawn)))[0]

    drawn_rates = [rate(counts) for counts in draws[:, is_known] if counts.any()]
    low, high = np.percentile(drawn_rates, [2.5, 97.5])
    mean = rate(np.ones(len(known), int))
    return {"mean": mean, "low": float(low), "high": float(high), "num_rows": len(known)}


def _interval(rows: Sequence[Row], name: str, draws: np.ndarray) -> dict[str, float]:
    has_value = np.array([row[name] is not None for row in rows])
    values = np.array([float(row[name]) for row in rows if row[name] is not None])
    weights = np.array([row[WEIGHTS[name]] if name in WEIGHTS else 1.0 for row in rows])[has_value]
    drawn = draws[:, has_value] * weights
    drawn = drawn[drawn.sum(axis=1) > 0]
    low, high = np.percentile(drawn @ values / drawn.sum(axis=1), [2.5, 97.5])
    mean = float(np.average(values, weights=weights))
    return {"mean": mean, "low": float(low), "high": float(high), "num_rows": int(has_value.sum())}
