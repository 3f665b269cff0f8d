import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
import pyworld

from vcdisent.corpora.espeak import Espeak, Speech, Voice
from vcdisent.corpora.espeak_phones import _table, align, timit_labels
from vcdisent.corpora.timit_phones import FOLDED, UNFOLDED
from vcdisent.errors import InputError

needs_espeak = pytest.mark.skipif(
    find_spec("espeakng_loader") is None, reason="espeakng_loader is missing: pip install 'vcdisent[minitimit]'"
)
TIMIT_61 = {*FOLDED, *UNFOLDED.split(), "q"} - {"sil"}
RATE = 22_050
VOICE = Voice("en-us", "m1")
TEXT = "She saw six big dogs asleep on the beach."


def tone(seconds, level, frequency_hz=300.0):
    return level * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE)


def noise(seconds, level):
    return level * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def vowel(seconds):
    return tone(seconds, 0.3) + tone(seconds, 0.1, 3_000.0)


def speech(*pieces, words=((0, 0),)):
    """Speech of (mnemonic or None for a sound that belongs to the phone before it, wav)."""
    phones, start = [], 0
    for mnemonic, wav in pieces:
        if mnemonic is not None:
            phones.append((start, mnemonic))
        start += len(wav)
    return Speech(np.concatenate([wav for _, wav in pieces]).astype(np.float32), RATE, phones, list(words))


def times_ms(segments):
    return [(round(s.start / RATE * 1000), round(s.end / RATE * 1000), s.label) for s in segments]


def test_there_are_61_phones_and_the_table_has_no_others():
    used = {label for accent in _table().values() for labels in accent.values() for label in labels}
    assert len(TIMIT_61) == 61
    assert used <= TIMIT_61
    assert len(used) > 50


def test_a_phoneme_becomes_phones_of_its_accent():
    assert timit_labels("tS", "en-us") == ("tcl", "ch")
    assert timit_labels("A@", "en-us") == ("aa", "r")
    assert timit_labels("A@", "en") == ("aa",)
    assert timit_labels("_:", "en") == ("pau",)


def test_an_unknown_phoneme_is_named():
    with pytest.raises(InputError, match=r"espeak_phones.yaml: eSpeak NG's phoneme 'Q!' \(en\) is missing"):
        timit_labels("Q!", "en")


def test_the_silence_before_a_voiceless_stop_is_its_closure():
    spoken = speech(("a", vowel(0.1)), (None, np.zeros(1_103)), ("k", noise(0.04, 0.1)), ("_", np.zeros(2_205)))
    phones, words = align(spoken, "ack", "en")
    assert times_ms(phones) == [(0, 100, "ae"), (100, 150, "kcl"), (150, 190, "k"), (190, 290, "h#")]
    assert times_ms(words) == [(0, 190, "ack")]


def test_the_voice_bar_of_a_voiced_stop_is_its_closure():
    spoken = speech(("a", vowel(0.1)), ("d", tone(0.05, 0.05, 100)), (None, noise(0.02, 0.1)), ("@", vowel(0.1)))
    assert times_ms(align(spoken, "adder", "en")[0]) == [
        (0, 100, "ae"),
        (100, 150, "dcl"),
        (150, 170, "d"),
        (170, 270, "ax"),
    ]


def test_a_stop_after_a_pause_has_a_release_only():
    spoken = speech(("_", np.zeros(2_205)), ("p", noise(0.04, 0.1)), ("@", vowel(0.1)))
    assert [s.label for s in align(spoken, "pa", "en")[0]] == ["h#", "p", "ax"]


def test_a_nasal_ends_where_its_murmur_ends():
    spoken = speech(("m", tone(0.06, 0.2, 200)), (None, vowel(0.05)), ("i:", vowel(0.1)))
    assert times_ms(align(spoken, "me", "en")[0]) == [(0, 60, "m"), (60, 210, "iy")]


def test_words_that_run_together_share_their_phones():
    spoken = speech(*((m, vowel(0.05)) for m in ("V", "v", "D", "@2", "s", "i:")), words=[(0, 0), (7, 4)])
    words = align(spoken, "Of the sea", "en")[1]
    assert times_ms(words) == [(0, 100, "of"), (100, 200, "the"), (200, 300, "sea")]


def test_phones_of_one_label_merge_within_a_word_only():
    pieces = [(m, vowel(0.05)) for m in ("A@", "r-", "m", "m", "i:")]
    phones = align(speech(*pieces, words=[(0, 0), (4, 3)]), "arm me", "en-us")[0]
    assert [s.label for s in phones] == ["aa", "r", "m", "m", "iy"]


def test_without_the_loader_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(InputError, match=r"pip install 'vcdisent\[minitimit\]'"):
        Espeak()


@needs_espeak
def test_what_was_said_before_by_another_is_not_heard():
    first, second = Espeak(), Espeak()
    first.speak("Something else entirely, and in another voice.", Voice("en-029", "f1", pitch=70))
    ours = Espeak().speak(TEXT, VOICE)
    np.testing.assert_array_equal(ours.wav, second.speak(TEXT, VOICE).wav)
    assert ours.phones[0][1] == "S"


@needs_espeak
def test_pitch_rate_and_accent_are_heard():
    espeak = Espeak()
    plain, fast = espeak.speak(TEXT, VOICE), espeak.speak(TEXT, Voice("en-us", "m1", words_per_minute=260))
    assert len(fast.wav) < 0.8 * len(plain.wav)
    accents = [espeak.speak("The barn door", Voice(accent, "m1")) for accent in ("en-us", "en-gb-scotland")]
    assert [p for _, p in accents[0].phones] != [p for _, p in accents[1].phones]
    high = espeak.speak(TEXT, Voice("en-us", "m1", pitch=90))
    f0_hz = [pyworld.dio(s.wav.astype(np.float64), RATE)[0] for s in (plain, high)]
    assert np.median(f0_hz[1][f0_hz[1] > 0]) > 1.3 * np.median(f0_hz[0][f0_hz[0] > 0])


@needs_espeak
def test_an_unknown_voice_is_named():
    with pytest.raises(InputError, match="no voice xx-nowhere"):
        Espeak().speak(TEXT, Voice("xx-nowhere", "m1"))


@needs_espeak
def test_an_alignment_covers_the_speech_and_fits_its_sound():
    spoken = Espeak().speak(TEXT, VOICE)
    phones, words = align(spoken, TEXT, VOICE.accent)
    assert (phones[0].start, phones[-1].end) == (0, len(spoken.wav))
    assert all(a.end == b.start and a.start < a.end for a, b in pairwise(phones))
    assert " ".join(w.label for w in words) == TEXT.lower().rstrip(".")
    assert {s.label for s in phones} <= TIMIT_61

    def centroid_hz(segment):
        power = np.abs(np.fft.rfft(spoken.wav[segment.start : segment.end])) ** 2
        return (power * np.fft.rfftfreq(segment.end - segment.start, 1 / RATE)).sum() / power.sum()

    hiss = [centroid_hz(s) for s in phones if s.label in ("s", "sh")]
    vowels = [centroid_hz(s) for s in phones if s.label in ("iy", "ao", "ih", "aa")]
    closures = [np.abs(spoken.wav[s.start : s.end]).max() for s in phones if s.label in ("kcl", "pcl", "tcl")]
    assert len(hiss) == 5
    assert min(hiss) > 2_500 > 1_500 > max(vowels)
    assert max(closures) < 0.01
