"""eSpeak NG through ctypes, as far as speaking into memory needs it.

The library is GPL-3.0 and comes with the package `espeakng_loader`, which only the extra `minitimit` installs. The
declarations follow its public interface, `speak_lib.h` (revision 12) and `espeak_ng.h`.
"""

import ctypes
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np

from vcdisent.errors import InputError

SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: samples go to a callback and espeak_Synth returns when all are there
PHONEME_EVENTS = 0x0001
BY_CHARACTER, UTF8 = 1, 1
END_OF_LIST, WORD, PHONEME = 0, 1, 7  # espeak_EVENT_TYPE
RATE, PITCH, RANGE = 1, 3, 4  # espeak_PARAMETER
SEED = 1
STRESS_MARKS = "',=%"


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Voice:
    """A way of speaking.

    Attributes:
        accent: eSpeak's voice, such as `en-us`.
        variant: a variant of it, such as `f1`, which sets the kind of voice: formants, breath, base pitch.
        pitch: 0 to 99, 50 is the variant's own.
        pitch_range: 0 to 99, 50 is the variant's own.
        words_per_minute: 80 to 450.
    """

    accent: str
    variant: str
    pitch: int = 50
    pitch_range: int = 50
    words_per_minute: int = 175


@dataclass
class Speech:
    """What was spoken.

    Attributes:
        wav: (N,) float32 in [-1, 1].
        sample_rate: in Hz.
        phones: (start in samples, eSpeak's mnemonic without stress marks) in order; pauses begin with `_`.
        words: (number of the word's first character in the text, number of its first phone) in order. Words that run
            together, such as "of the", have one entry.
    """

    wav: np.ndarray
    sample_rate: int
    phones: list[tuple[int, str]] = field(default_factory=list)
    words: list[tuple[int, int]] = field(default_factory=list)


class Espeak:
    """One eSpeak NG, with a state of its own.

    The library keeps its state in globals, and some of it (pitch flutter, gain) goes on from one utterance into the
    next, with no call to set it back. So each object loads a copy of the library, which starts from the same state: the
    same calls in the same order give the same samples, whatever was spoken before. A copy stays mapped until the end of
    the process (about 1 MB).

    Raises:
        InputError: espeakng_loader is not installed, or eSpeak NG does not start.
    """

    def __init__(self) -> None:
        loader = _loader()
        self._library = _private_copy(Path(loader.get_library_path()))
        data_folder = loader.get_data_path()
        self.sample_rate = self._library.espeak_Initialize(SYNCHRONOUS, 0, data_folder.encode(), PHONEME_EVENTS)
        if self.sample_rate <= 0:
            raise InputError(f"{data_folder}: eSpeak NG does not start with these data: reinstall espeakng-loader")
        self._pieces: list[np.ndarray] = []
        self._speech = Speech(np.zeros(0, np.float32), self.sample_rate)
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
        self._callback = _Callback(self._receive)  # held here, because the library does not keep it alive
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: Voice) -> Speech:
        """Speak one sentence.

        Args:
            text: plain English text.
            voice: how to speak it.

        Raises:
            InputError: eSpeak NG has no such voice.
        """
        self._set_voice(voice)
        self._pieces, self._speech = [], Speech(np.zeros(0, np.float32), self.sample_rate)
        encoded = text.encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, BY_CHARACTER, 0, UTF8, None, None)
        self._speech.wav = np.concatenate(self._pieces).astype(np.float32) / 32768
        return self._speech

    def _set_voice(self, voice: Voice) -> None:
        name = f"{voice.accent}+{voice.variant}"
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise InputError(
                f"eSpeak NG has no voice {name}: `pip install -U 'vcdisent[minitimit]'` brings one that has"
            )
        for parameter, value in ((RATE, voice.words_per_minute), (PITCH, voice.pitch), (RANGE, voice.pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)

    def _receive(self, samples: "ctypes._Pointer", num_samples: int, events: "ctypes._Pointer") -> int:
        if samples and num_samples:
            self._pieces.append(np.ctypeslib.as_array(samples, (num_samples,)).copy())
        index = 0
        while events[index].type != END_OF_LIST:
            self._note(events[index])
            index += 1
        return 0

    def _note(self, event: _Event) -> None:
        if event.type == PHONEME:
            self._speech.phones.append((event.sample, event.id.string.decode().lstrip(STRESS_MARKS)))
        elif event.type == WORD:
            self._speech.words.append((event.text_position - 1, len(self._speech.phones)))


def _loader() -> ModuleType:
    try:
        import espeakng_loader
    except ImportError:
        raise InputError(
            "espeakng_loader, which holds eSpeak NG (GPL-3.0), is missing: run `pip install 'vcdisent[minitimit]'`"
        ) from None
    return espeakng_loader


def _private_copy(path: Path) -> ctypes.CDLL:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return ctypes.CDLL(shutil.copy(path, folder))
