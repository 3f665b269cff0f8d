"""From eSpeak NG's events to alignments as TIMIT has them: 61 phones without gaps, and words made of whole phones.

eSpeak's event for a voiceless stop comes at its burst, with the closure as silence before it; that for a voiced stop
comes at its closure; that for a vowel after a nasal comes some 50 ms into the vowel. TIMIT marks closure and release
apart, and ends a nasal where its murmur ends, so these three are looked for in the samples.
"""

import re
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from vcdisent.corpora.espeak import Speech
from vcdisent.errors import InputError

TABLE = Path(__file__).with_suffix(".yaml")
NASALS = frozenset({"m", "n", "ng"})
VOWELS = frozenset(
    ("iy", "ih", "eh", "ey", "ae", "aa", "aw", "ay", "ah", "ao", "oy", "ow", "uh", "uw", "er", "ax", "ix", "axr")
)
PAUSE, SILENCE = "pau", "h#"
VOICED_CLOSURES = frozenset({"bcl", "dcl", "gcl"})
CLOSURES = VOICED_CLOSURES | {"pcl", "tcl", "kcl"}
SHORTEST_CLOSURE_S = 0.004  # a shorter one goes to its release
SILENT_PEAK = 0.003  # -50 dBFS
FRAME_S = 0.0025
LEAST_FRAMES = 2
LEAST_RISE_DB = 10.0  # of the high band, from closure to release and from nasal to vowel


class Segment(NamedTuple):
    """A stretch of samples [start, end) and the phone or word that it holds."""

    start: int
    end: int
    label: str


def align(speech: Speech, text: str, accent: str) -> tuple[list[Segment], list[Segment]]:
    """Align what eSpeak NG has spoken.

    Args:
        speech: its samples and events.
        text: the sentence.
        accent: eSpeak's name of the voice, which decides how r-coloured vowels are labelled.

    Returns:
        The phones (TIMIT's 61), which cover all samples, with `h#` for the silence at either end, and the words.

    Raises:
        InputError: eSpeak NG used a phoneme that the table does not hold.
    """
    labels = [(PAUSE,), *(timit_labels(mnemonic, accent) for _, mnemonic in speech.phones)]
    events = [0, *(start for start, _ in speech.phones), len(speech.wav)]
    starts = [0, *(_start(speech, events, labels, i) for i in range(1, len(labels))), len(speech.wav)]
    segments = [s for i in range(len(labels)) for s in _segments(speech, events, starts, labels[i], i)]
    words = _words(speech, text, labels, starts)
    return _tidy(segments, {word.start for word in words}), words


def timit_labels(mnemonic: str, accent: str) -> tuple[str, ...]:
    """The TIMIT phones of one eSpeak phoneme.

    Raises:
        InputError: the table does not hold it.
    """
    if mnemonic.startswith("_"):
        return (PAUSE,)
    labels = _table().get(accent, {}).get(mnemonic) or _table()["any accent"].get(mnemonic)
    if labels is None:
        raise InputError(
            f"{TABLE}: eSpeak NG's phoneme {mnemonic!r} ({accent}) is missing: add the TIMIT phone it becomes"
        )
    return tuple(labels)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def _start(speech: Speech, events: list[int], labels: list[tuple[str, ...]], i: int) -> int:
    """Where phone i starts, which its event may miss: see the top of this file."""
    before = speech.wav[events[i - 1] : events[i]]
    if labels[i][0] in CLOSURES and labels[i - 1] != (PAUSE,):
        return events[i - 1] + _end_of_sound(before)
    if labels[i][0] in VOWELS and labels[i - 1][-1] in NASALS:
        return events[i - 1] + (_rise(before, speech.sample_rate) or len(before))
    return events[i]


def _segments(speech: Speech, events: list[int], starts: list[int], labels: tuple[str, ...], i: int) -> list[Segment]:
    if len(labels) == 1:
        return [Segment(starts[i], starts[i + 1], labels[0])]
    if labels[0] not in CLOSURES:
        cut = (starts[i] + starts[i + 1]) // 2
    else:
        cut = events[i]
        if labels[0] in VOICED_CLOSURES:
            cut += _rise(speech.wav[cut : starts[i + 1]], speech.sample_rate) or 0
        if cut - starts[i] < SHORTEST_CLOSURE_S * speech.sample_rate:
            return [Segment(starts[i], starts[i + 1], labels[1])]
    return [Segment(starts[i], cut, labels[0]), Segment(cut, starts[i + 1], labels[1])]


def _end_of_sound(wav: np.ndarray) -> int:
    """How much of wav (N,) is left without the silence at its end; all, if there is nothing but silence."""
    sounding = np.flatnonzero(np.abs(wav) > SILENT_PEAK)
    return int(sounding[-1]) + 1 if len(sounding) else len(wav)


def _rise(wav: np.ndarray, sample_rate: int) -> int | None:
    """The sample of wav (N,) at which a quiet first part ends and a loud second one begins; None if there are none.

    The two are the best fit (least squares, in dB) of two levels to the power of the high band.
    """
    size = round(FRAME_S * sample_rate)
    high_band = np.diff(wav[: _end_of_sound(wav)], n=2)  # +12 dB per octave leaves little of a voice bar or a murmur
    power = np.square(high_band[: len(high_band) // size * size]).reshape(-1, size).sum(axis=1)
    level_db = 10 * np.log10(power + 1e-12)
    num_quiet = np.arange(LEAST_FRAMES, len(level_db) - LEAST_FRAMES + 1)
    if len(num_quiet) == 0:
        return None
    sums, num_loud = np.cumsum(level_db), len(level_db) - num_quiet
    rise_db = (sums[-1] - sums[num_quiet - 1]) / num_loud - sums[num_quiet - 1] / num_quiet
    gains = np.where(rise_db > LEAST_RISE_DB, num_quiet * num_loud * rise_db**2, 0)
    return int(num_quiet[np.argmax(gains)]) * size if gains.any() else None


def _tidy(segments: list[Segment], word_starts: set[int]) -> list[Segment]:
    """Drop what has no length, merge neighbours of one label within a word; silence at the ends is `h#`."""
    tidy: list[Segment] = []
    for segment in segments:
        if tidy and segment.label == tidy[-1].label and segment.start not in word_starts:
            tidy[-1] = tidy[-1]._replace(end=segment.end)
        elif segment.end > segment.start:
            tidy.append(segment)
    for end in (0, -1):
        if tidy[end].label == PAUSE:
            tidy[end] = tidy[end]._replace(label=SILENCE)
    return tidy


def _words(speech: Speech, text: str, labels: list[tuple[str, ...]], starts: list[int]) -> list[Segment]:
    tokens = list(re.finditer(r"[\w']+", text))
    firsts: dict[int, int] = {}  # number of the token: number of its first phone
    for position, phone in speech.words:
        token = max((i for i, t in enumerate(tokens) if t.start() <= position), default=0)
        if token > max(firsts, default=-1):
            firsts[token] = phone + 1  # behind the silence at the start
    words = []
    for (token, phone), (next_token, next_phone) in pairwise([*firsts.items(), (len(tokens), len(labels))]):
        while labels[next_phone - 1] == (PAUSE,):
            next_phone -= 1
        names = [t.group() for t in tokens[token:next_token]]
        cuts = [starts[phone + cut] for cut in _shares([len(name) for name in names], next_phone - phone)]
        words += [Segment(start, end, name.lower()) for (start, end), name in zip(pairwise(cuts), names, strict=True)]
    return words


def _shares(weights: list[int], num_phones: int) -> list[int]:
    """Share phones out to words that run together, by their letters but one at least: where to cut, ends included."""
    sums = [0, *accumulate(weights)]
    last = len(weights)
    return [min(max(round(s / sums[-1] * num_phones), i), num_phones - last + i) for i, s in enumerate(sums)]
