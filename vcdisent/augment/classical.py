"""Classical voice conversion from recordings alone: what its methods share.

A method fits a pair of voices, and so has a mapping from WORLD frames of the one to those of the other. It needs no
model and no parallel data, only to know who speaks. It makes the keep-dynamic views of stage 2, and the baselines of
conversion.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from vcdisent.corpora.datadir import Utterance
from vcdisent.errors import InputError
from vcdisent.features import store
from vcdisent.features.extract import extract
from vcdisent.features.pitch import PitchStats, f0_stats
from vcdisent.features.world import World, WorldFrames, analyse, decode_envelope

HOP_MS = 10.0
"""From one frame to the next where a corpus is converted: half the work of WORLD's own 5 ms."""
RECORDINGS_A_VOICE = 5
"""About a minute of LibriSpeech, where a speaker has so many."""

Conversion = Callable[[WorldFrames], WorldFrames]
"""From WORLD frames of one voice to those of another, on every linear bin."""


@dataclass(frozen=True, eq=False)
class Voice:
    """What is known of a voice: WORLD frames of some of its speech.

    Attributes:
        f0_hz: (T,), 0 where unvoiced.
        log_envelope: (T, K) on mel-spaced bands.
        sample_rate: Of the recordings, in hertz.
    """

    f0_hz: np.ndarray
    log_envelope: np.ndarray
    sample_rate: int

    @cached_property
    def pitch(self) -> PitchStats | None:
        """Where its pitch lies; None where hardly a frame is voiced."""
        return f0_stats(self.f0_hz)


class Method(Hashable, Protocol):
    """What `WorldMethod` and `IncaMethod` have in common.

    Attributes:
        num_targets: Voices to which one speaker is converted in a corpus, so that a costly fit serves many utterances;
            None is all others.
    """

    num_targets: int | None

    def fit(self, source: Voice, target: Voice) -> Conversion:
        """The mapping from one voice to another."""
        ...


@lru_cache(maxsize=64)
def fitted(method: Method, source: Voice, target: Voice) -> Conversion:
    """The mapping of a pair, kept for its other utterances."""
    return method.fit(source, target)


def voice_of(wavs: Iterable[np.ndarray], sample_rate: int, hop_ms: float = HOP_MS) -> Voice:
    """The voice of waveforms (N,) at one rate in hertz; its mapping is for frames `hop_ms` apart, as it is."""
    frames = [analyse(wav, sample_rate, hop_ms) for wav in wavs]
    return Voice(
        np.concatenate([part.f0_hz for part in frames]),
        np.concatenate([part.log_envelope for part in frames]),
        sample_rate,
    )


def gather_voices(utterances: Sequence[Utterance], sample_rate: int, folder: Path, num_jobs: int) -> None:
    """Writes WORLD frames of a few recordings of each speaker into a features folder, as `extract` does.

    Args:
        utterances: A corpus, sorted by id, and so by speaker.
        sample_rate: In hertz.
        folder: For `read_voices`.
        num_jobs: Workers.

    Raises:
        InputError: Not one recording could be read, or there are fewer than two voices.
    """
    chosen: list[Utterance] = []
    for _, group in groupby(utterances, key=lambda utterance: utterance.speaker):
        own = list(group)
        chosen += own[:: -(-len(own) // RECORDINGS_A_VOICE)]
    settings = {"sample_rate": sample_rate, "hop_length": round(sample_rate * HOP_MS / 1000)}
    extract(chosen, World(**settings), {"kind": "World", **settings}, folder, num_jobs)
    if len(read_voices(folder)) < 2:
        raise InputError(f"{folder}: holds one voice, and conversion takes two: give a data dir of several speakers")


@lru_cache(maxsize=1)  # a worker reads them once
def read_voices(folder: Path) -> dict[str, Voice]:
    """The voices by speaker that `gather_voices` has written.

    Raises:
        InputError: The folder is not whole.
    """
    packed, num_frames, speakers = store.read_packed(folder)
    settings = store.read_settings(folder)
    settings.pop("kind")
    parts: dict[str, list[WorldFrames]] = {}
    world, end = World(**settings), 0
    for utterance, length in num_frames.items():
        frames = torch.from_numpy(packed[end : end + length].astype(np.float32))
        parts.setdefault(speakers[utterance], []).append(world.split(frames))
        end += length
    return {
        speaker: Voice(
            np.concatenate([part.f0_hz for part in own]),
            np.concatenate([part.log_envelope for part in own]).astype(np.float32),
            world.sample_rate,
        )
        for speaker, own in parts.items()
    }


def draw_targets(
    utterance: Utterance, speakers: Iterable[str], num_views: int, seed: int, num_targets: int | None = None
) -> list[str]:
    """The speakers to whose voices an utterance is converted, keyed by seed and utterance: whoever asks, and when.

    Args:
        utterance: What is converted.
        speakers: All there are; men and women alike.
        num_views: How many to draw; no speaker comes twice before all have come once.
        seed: Key of all randomness.
        num_targets: Draw among so many, which are its speaker's own; None is all.
    """
    others = sorted(set(speakers) - {utterance.speaker})
    own = keyed(seed, "targets of speaker", utterance.speaker).permutation(len(others))[:num_targets]
    order = keyed(seed, "targets of utterance", utterance.id).permutation(own)
    return [others[order[number % len(order)]] for number in range(num_views)]


def keyed(seed: int, purpose: str, name: str) -> np.random.Generator:
    """Randomness that depends on nothing but these."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{name}".encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest))


@lru_cache
def from_bands(sample_rate: int, num_bands: int) -> np.ndarray:
    """Matrix (K, F) from mel-spaced bands to linear bins; its pseudo-inverse leads back."""
    return decode_envelope(np.eye(num_bands), sample_rate)


@lru_cache
def to_bands(sample_rate: int, num_bands: int) -> np.ndarray:
    """Matrix (F, K) from linear bins to the mel-spaced bands that come closest."""
    return np.linalg.pinv(from_bands(sample_rate, num_bands))


def cosines_of_bands(num_bands: int, num_cepstra: int) -> np.ndarray:
    """Orthonormal cosines (K, Q) over the bands, from order 1: a projection on the mel-cepstrum without its mean."""
    position = (np.arange(num_bands) + 0.5) / num_bands
    return np.sqrt(2 / num_bands) * np.cos(np.pi * np.outer(position, np.arange(1, num_cepstra + 1)))
