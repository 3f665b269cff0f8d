"""Keep-dynamic views made beforehand: every utterance of a corpus converted to other voices, and made into frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vcdisent import audio
from vcdisent.augment.classical import HOP_MS, Method, draw_targets, fitted, gather_voices, read_voices, voice_of
from vcdisent.augment.stored_views import MADE_BY, view_id
from vcdisent.corpora.datadir import Utterance
from vcdisent.features import store
from vcdisent.features.extract import write_frames
from vcdisent.features.recording import Features, corpus_wav, level_gain, wav_frames
from vcdisent.features.world import analyse, synthesise

LISTENING_DB = -26.0


@dataclass(frozen=True)
class Converted:
    """Makes the frames of an utterance's conversions; analyses it once for all of them.

    Attributes:
        features: Turn waveforms into frames; a conversion is as long as the utterance, and so has as many.
        method: Fits a pair of voices.
        voices: Folder of `gather_voices`.
        num_views: Conversions of an utterance.
        seed: Key of all randomness.
        wavs: Folder for recordings to listen to; None writes none.
    """

    features: Features
    method: Method
    voices: Path
    num_views: int
    seed: int
    wavs: Path | None = None

    def __call__(self, utterance: Utterance) -> dict[str, np.ndarray]:
        """Frames (T, F) of the conversions by `view_id`.

        Raises:
            InputError: The recording cannot be used.
        """
        rate, known = self.features.sample_rate, read_voices(self.voices)
        wav = corpus_wav(self.features, utterance.read(rate)[0])
        own = analyse(wav, rate, HOP_MS, None)
        source = known.get(utterance.speaker) or voice_of([wav], rate)
        frames = {}
        for number, target in enumerate(self.targets(utterance)):
            conversion = fitted(self.method, source, known[target])
            converted = synthesise(conversion(own), rate, HOP_MS, len(wav))
            name = view_id(utterance.id, number)
            frames[name] = wav_frames(self.features, converted * level_gain(self.features, converted)).numpy()
            if self.wavs is not None:
                audio.write(self.wavs / f"{name}.wav", audio.set_level(converted, LISTENING_DB, rate), rate)
        return frames

    def targets(self, utterance: Utterance) -> list[str]:
        """The speakers whose voices an utterance is given."""
        return draw_targets(utterance, read_voices(self.voices), self.num_views, self.seed, self.method.num_targets)


def make_views(
    utterances: Sequence[Utterance],
    features: Features,
    method: Method,
    folder: Path,
    *,
    settings: dict[str, Any],
    made_by: dict[str, Any],
    num_views: int,
    seed: int,
    num_jobs: int = 1,
    wavs: Path | None = None,
) -> list[str]:
    """Writes the views of a corpus into a features folder of their own, as `extract` writes its frames: resumable.

    Its ids are those of `view_id`, and its `utt2spk` says whose voice each was given. The voices lie in it too.

    Args:
        utterances: Sorted by id.
        features: Turn waveforms into frames.
        method: Fits a pair of voices.
        folder: The folder of the views.
        settings: The configuration that `features` were built from.
        made_by: What else the views depend on, kept beside them.
        num_views: Conversions of an utterance.
        seed: Key of all randomness.
        num_jobs: Workers.
        wavs: Folder for recordings of the views that this run makes; None writes none.

    Returns:
        One line for each recording that was skipped.

    Raises:
        InputError: The folder holds other views, not one recording could be read, or there is only one voice.
    """
    store.keep_settings(folder / store.SETTINGS, settings)
    store.keep_settings(folder / MADE_BY, made_by)
    voices = folder / "voices"
    gather_voices(utterances, features.sample_rate, voices, num_jobs)
    converted = Converted(features, method, voices, num_views, seed, wavs)
    targets = {
        view_id(utterance.id, number): target
        for utterance in utterances
        for number, target in enumerate(converted.targets(utterance))
    }
    return write_frames(utterances, converted, targets, folder, num_jobs)
