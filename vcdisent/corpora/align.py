"""Phone alignments of a data dir that has the words, made by pocketsphinx with the English model that it brings."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from vcdisent.corpora.datadir import Utterance
from vcdisent.corpora.datadir_checks import Phone
from vcdisent.errors import InputError
from vcdisent.progress import progress

SAMPLE_RATE = 16_000
FRAME_S = 0.01
DELAY_S = (0.0256 - FRAME_S) / 2
"""A frame of pocketsphinx begins so much before the stretch of speech that it stands for."""
SILENCE, UNKNOWN = "sil", "spn"
"""Labels that are no phones: silence, and the words that the dictionary does not know (Kaldi's name for them)."""
SPELT = "a AE b B c K d D e EH f F g G h HH i IH j JH k K l L m M n N o OW p P q K r R s S t T u AH v V w W x K y Y z Z"
LETTERS = dict(zip(SPELT.split()[::2], SPELT.split()[1::2], strict=True))
WIDE = {"beam": 1e-100, "pbeam": 1e-100, "wbeam": 1e-80}
"""With the words given the search is small: under pocketsphinx's own limits it loses one recording in a hundred."""
UTTERANCES_A_PART = 16

Aligned = tuple[list[Utterance], list[str], Counter[str]]


def align(utterances: Sequence[Utterance], num_jobs: int = 1) -> Aligned:
    """Aligns utterances with their words.

    Args:
        utterances: Those without words stay as they are.
        num_jobs: Workers.

    Returns:
        The utterances with their phones: CMU's 39 in lower case without stress, `sil` and `spn`; a line for each one
        that could not be aligned and stays without phones; how often each word came that the dictionary does not know.
    """
    parts = [utterances[i : i + UTTERANCES_A_PART] for i in range(0, len(utterances), UTTERANCES_A_PART)]
    aligned: list[Utterance] = []
    complaints: list[str] = []
    unknown: Counter[str] = Counter()
    with progress(total=len(utterances), unit="utt", desc="align") as bar:
        for own, own_complaints, own_unknown in Parallel(num_jobs, return_as="generator")(map(delayed(_part), parts)):
            aligned += own
            complaints += own_complaints
            unknown += own_unknown
            bar.update(len(own))
    return aligned, complaints, unknown


def spread(utterances: Sequence[Utterance], max_per_speaker: int) -> list[Utterance]:
    """At most so many utterances of each speaker, spread evenly over all that there are of him (sorted by id)."""
    chosen = []
    for _, group in groupby(utterances, key=lambda utterance: utterance.speaker):
        own = list(group)
        places = np.linspace(0, len(own) - 1, min(max_per_speaker, len(own))).round().astype(int)
        chosen += [own[place] for place in places]
    return chosen


def _part(utterances: Sequence[Utterance]) -> Aligned:
    aligner = Aligner()
    aligned, complaints = [], []
    for utterance in utterances:
        try:
            phones = aligner.phones(utterance) if utterance.text else utterance.phones
        except InputError as error:
            complaints.append(f"{utterance.id}: {error}")
            phones = ()
        aligned.append(replace(utterance, phones=phones))
    return aligned, complaints, aligner.unknown


class Aligner:
    """Finds the phones of one recording after another.

    Attributes:
        unknown: How often each word came that the dictionary does not know. Such a word is spelt letter by letter, to
            hold its place, and what is there is labelled `spn`.
    """

    def __init__(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError:
            raise InputError("alignment needs pocketsphinx: pip install 'vcdisent[align]'") from None
        self.decoder = Decoder(lm=None, bestpath=False, loglevel="FATAL", samprate=float(SAMPLE_RATE), **WIDE)
        self.unknown: Counter[str] = Counter()

    def phones(self, utterance: Utterance) -> tuple[Phone, ...]:
        """The phones (start_s, duration_s, phone) of an utterance with words, without gaps.

        Raises:
            InputError: The recording cannot be used, or does not say the words.
        """
        words = self._words(utterance.text or "")
        wav, _ = utterance.read(SAMPLE_RATE)
        samples = (np.clip(wav, -1, 1) * np.iinfo(np.int16).max).astype("<i2").tobytes()
        self.decoder.set_align_text(" ".join(words))
        self._decode(samples)
        if self.decoder.hyp() is None:
            raise InputError("the words do not fit what is heard; correct its line in text")
        self.decoder.set_alignment()  # the second pass finds the phones within the words
        self._decode(samples)
        entries = [(phone, word.name) for word in self.decoder.get_alignment() for phone in word]
        if not entries:
            raise InputError("the words do not fit what is heard; correct its line in text")
        return tuple(_phone(phone, self._label(phone.name, word)) for phone, word in entries)

    def _decode(self, samples: bytes) -> None:
        self.decoder.start_utt()
        self.decoder.process_raw(samples, full_utt=True)
        self.decoder.end_utt()

    def _words(self, text: str) -> list[str]:
        words = [word for word in (re.sub(r"[^\w']", "", word) for word in text.lower().split()) if word.strip("'")]
        for word in words:
            if self.decoder.lookup_word(word) is None:
                spelt = " ".join(LETTERS[letter] for letter in word if letter in LETTERS)
                if not spelt:
                    raise InputError(f"{word!r} cannot be spelt in English letters; write it out in text")
                self.decoder.add_word(word, spelt)
                self.unknown[word] = 0
            if word in self.unknown:
                self.unknown[word] += 1
        return words

    def _label(self, phone: str, word: str) -> str:
        if phone == "SIL":
            return SILENCE
        return UNKNOWN if phone.startswith("+") or word.split("(")[0] in self.unknown else phone.lower()


def _phone(entry: Any, label: str) -> Phone:
    """A phone of pocketsphinx, whose frames begin before the speech that they stand for, in seconds."""
    start_s, end_s = (frame * FRAME_S + DELAY_S * (frame > 0) for frame in (entry.start, entry.start + entry.duration))
    return start_s, end_s - start_s, label
