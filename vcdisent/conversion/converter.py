"""Voice conversion: what changes in the source, said with what stays in the target."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from vcdisent.audio_level import level_db, limited
from vcdisent.batches import Normaliser
from vcdisent.conversion.adapting import adapted
from vcdisent.conversion.blocks import beginning, posteriors, weighted_mean
from vcdisent.conversion.change import Change
from vcdisent.conversion.generation import GENERATED_S, Generated, check_request, decoded, draw_codes, sounding
from vcdisent.conversion.measuring import measure_voice
from vcdisent.conversion.moving import moved, temporary_recording
from vcdisent.conversion.seams import at_rate, join
from vcdisent.conversion.speech import pauses_kept, silent_as
from vcdisent.conversion.voice import SUFFIX, Pitch, Voice, is_enrolled, load_voice, save_voice
from vcdisent.conversion.warping import warp_between
from vcdisent.conversion.ways import DEFAULT, Ways
from vcdisent.errors import InputError
from vcdisent.features.recording import Recording, blocks_of, level_gain, rate_of, wav_frames
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World
from vcdisent.model.long_sequence import Model
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.vocoder import Vocoder

BLOCK_S = 20.0
OVERLAP_S = 1.0
ROUNDS_OF_LIMITING = 8
MOST_MADE_UP_DB = 6.0  # more would press everything against full scale
HEARD_DB = 0.1  # less of a level is not missed


@dataclass
class Codes:
    """What a recording is coded as.

    Attributes:
        static: (S,) who speaks.
        dynamic: (T, D) means of what is said, frame by frame; None for a model without it.
        dynamic_std: (T, D) standard deviations of the same.
    """

    static: np.ndarray
    dynamic: np.ndarray | None
    dynamic_std: np.ndarray | None


class Converter:
    """A model with all that takes it from waveforms to waveforms; made by `vcdisent.load`.

    Args:
        features: Waveforms to frames.
        normaliser: The statistics of the training frames.
        model: Codes frames; a speaker network cannot convert.
        vocoder: Frames to waveforms.
        threshold: Cosine of two centred static codes from which dev's speakers were the same.
        device: Where to compute.
        ways: How conversions go from one voice to another.
    """

    name = ""
    """Other converters have one; this is the converter."""

    def __init__(
        self,
        features: LogMagnitude | World,
        normaliser: Normaliser,
        model: Model,
        vocoder: Vocoder,
        threshold: float,
        device: torch.device,
        ways: Ways = DEFAULT,
    ) -> None:
        self.features, self.normaliser, self.model = features.to(device), normaliser.to(device), model.to(device).eval()
        self.vocoder, self.threshold, self.device, self.ways = vocoder, threshold, device, ways

    @property
    def sample_rate(self) -> int:
        """Rate of what the model hears and makes, in hertz."""
        return self.features.sample_rate

    def embed(self, recording: Recording) -> Codes:
        """Codes of a recording of any length, in blocks of 20 s.

        Raises:
            InputError: The recording cannot be used.
        """
        statics, dynamics, deviations = [], [], []
        for posterior, x in posteriors(self.features, self.normaliser, self.model, recording, BLOCK_S):
            statics.append((posterior.static.mean[0], len(x)))
            if posterior.dynamic is not None:
                dynamics.append(posterior.dynamic.mean[0].cpu())
                deviations.append((0.5 * posterior.dynamic.log_variance[0]).exp().cpu())
        static = weighted_mean(statics).cpu().numpy()
        if not dynamics:
            return Codes(static, None, None)
        return Codes(static, torch.cat(dynamics).numpy(), torch.cat(deviations).numpy())

    def score(self, a: Recording, b: Recording) -> float:
        """Cosine of two recordings' centred static codes; at least `threshold` says that one speaker made both."""
        centre = self.model.static_centre.cpu().numpy()
        code_a, code_b = self.embed(a).static - centre, self.embed(b).static - centre
        return float(code_a @ code_b / (np.linalg.norm(code_a) * np.linalg.norm(code_b)))

    def voice(self, recordings: Sequence[Recording], pitch: Pitch = "auto") -> Voice:
        """The voice of one or more recordings of a speaker, averaged; or one enrolled before, from its file.

        Args:
            recordings: Of the speaker; or one `.safetensors` that `enroll` has written.
            pitch: Where the pitch of speech converted to it goes: `auto`, where the speaker's lies; `keep`, nowhere;
                or so many semitones up.

        Raises:
            InputError: There are none, or one cannot be used.
        """
        enrolled = [recording for recording in recordings if is_enrolled(recording)]
        if not enrolled:
            return self._voice(recordings).out_of_order().with_pitch(pitch)
        if len(recordings) > 1:
            raise InputError(f"{enrolled[0]}: is a whole voice; give it without other recordings")
        voice = load_voice(Path(str(enrolled[0])), self._fingerprint())
        return voice.to(self.device).with_pitch(pitch)

    def heard_s(self, voice: Voice) -> float:
        """How many seconds of speech a voice was heard in, pauses left out."""
        num_frames = voice.memory.num_known if voice.memory else 0
        return num_frames * self.features.hop_length / self.sample_rate

    def enroll(self, recordings: Sequence[Recording], path: str | Path) -> Voice:
        """Writes the voice of one or more recordings of a speaker to a `.safetensors`, to be given in their place.

        Returns:
            The same voice.

        Raises:
            InputError: There are none, one cannot be used, the file would be called something else, or the model does
                not convert.
        """
        self._decoding_model()
        if enrolled := [recording for recording in recordings if is_enrolled(recording)]:
            raise InputError(f"{enrolled[0]}: is an enrolled voice already; give the recordings that it was made of")
        if Path(path).suffix != SUFFIX:
            raise InputError(f"{path}: a voice is kept in a {SUFFIX} file; call it so")
        voice = self._voice(recordings).out_of_order()
        save_voice(Path(path), voice, self._fingerprint())
        return voice

    def _fingerprint(self) -> bytes:
        """What tells the model's codes from those of others."""
        told = hashlib.blake2b(digest_size=8)
        for tensor in self.model.state_dict().values():
            told.update(tensor.cpu().contiguous().numpy().tobytes())
        return told.digest()

    def _voice(self, recordings: Sequence[Recording], tracks_pitch: bool = True) -> Voice:
        voice = measure_voice(self.features, self.normaliser, self.model, recordings, BLOCK_S, tracks_pitch)
        return adapted(self.model, voice, self.ways.adaptation) if isinstance(self.model, SequenceVAE) else voice

    def convert(
        self, source: Recording, targets: Recording | Sequence[Recording], pitch: Pitch = "auto"
    ) -> tuple[np.ndarray, int]:
        """`source` in the voice of `targets`: wav (N,) as long and as loud as the source, and its rate in hertz.

        `targets` and `pitch` are as `voice` takes them.

        Raises:
            InputError: A recording cannot be used, or the model has no dynamic half to convert with.
        """
        several = targets if isinstance(targets, Sequence) and not isinstance(targets, str) else [targets]
        pieces, rate = self.convert_blocks(source, self.voice(several, pitch)), rate_of(source, self.sample_rate)
        return np.concatenate(list(at_rate(pieces, self.sample_rate, rate, source))), rate

    def convert_blocks(self, source: Recording, target: Voice) -> Iterator[np.ndarray]:
        """The same in pieces (N,) at the model's own rate, end to end: memory does not grow with the source's length.

        Raises:
            InputError: The source cannot be used, or the model has no dynamic half to convert with.
        """
        model = self._decoding_model()
        with self._moved(source, target) as moved_source:
            hop_ms = 1000 * self.features.hop_length / self.sample_rate
            change = Change(model, self._voice([moved_source], tracks_pitch=False), target, self.ways, hop_ms)
            gain = level_gain(self.features, moved_source)
            blocks = blocks_of(moved_source, self.sample_rate, BLOCK_S, OVERLAP_S)
            yield from self._joined(self._convert_block(block, gain, change) for block in blocks)

    @contextmanager
    def _moved(self, source: Recording, target: Voice) -> Iterator[Recording]:
        """The source with its pitch and its resonances where the target's are."""
        how_far = self.ways.warping * min(self.ways.strength, 1.0)
        if target.towards is None and not how_far:
            yield source
            return
        own = self._voice([source])
        warp = how_far * warp_between(self.features, self.normaliser, own, target)
        blocks = blocks_of(source, self.sample_rate, BLOCK_S, OVERLAP_S)
        pairs = ((moved(block, self.sample_rate, own.pitch, target.towards, warp), block) for block in blocks)
        pieces = self._joined(as_loud_as(piece, block, self.sample_rate) for piece, block in pairs)
        with temporary_recording(pieces, self.sample_rate, source) as recording:
            yield recording

    def _joined(self, pieces: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        return join(pieces, round(OVERLAP_S * self.sample_rate), self.sample_rate)

    def generate(
        self,
        num: int = 4,
        seconds: float | None = None,
        static: Sequence[Recording] = (),
        dynamic: Recording | None = None,
        seed: int = 0,
    ) -> list[Generated]:
        """Speech that nobody said: both codes from the prior, or one of them from recordings.

        Args:
            num: How many.
            seconds: How long; None is 3, or as much of `dynamic` as there is, up to 20.
            static: Recordings of the voice that all are to have; without any, each gets a voice of its own.
            dynamic: The recording whose beginning all are to say; None draws something for each.
            seed: The same seed gives the same speech.

        Raises:
            InputError: A recording cannot be used, both codes are given, or the model does not decode.
        """
        model = self._decoding_model()
        check_request(num, GENERATED_S if seconds is None else seconds, bool(static), dynamic is not None)
        s, z = self.voice(static, "keep").static if static else None, None
        if dynamic is not None:
            z = beginning(self.features, self.normaliser, model, dynamic, seconds or BLOCK_S)
        num_frames = 1 + round((seconds or GENERATED_S) * self.sample_rate / self.features.hop_length)
        codes = draw_codes(model, num, num_frames, s, z, seed)
        return sounding(self.features, self.normaliser, self.vocoder, decoded(model, *codes))

    @torch.no_grad()
    def _convert_block(self, wav: np.ndarray, gain: np.float32, change: Change) -> np.ndarray:
        x = self.normaliser(wav_frames(self.features, wav * gain, self.device))
        own, changed = self.normaliser.inverse(x), self.normaliser.inverse(change(x))
        changed = pauses_kept(self.features, own, changed, change.is_spoken(x))
        converted = self.vocoder.vocode(
            silent_as(self.features, own, changed).unsqueeze(0),
            source=torch.from_numpy(wav * gain).unsqueeze(0).to(self.device),
        )
        return as_loud_as(converted[0].cpu().numpy(), wav, self.sample_rate)

    def _decoding_model(self) -> SequenceVAE:
        """The model, which must be one that decodes."""
        if not isinstance(self.model, SequenceVAE):
            raise InputError("this checkpoint is a speaker network and cannot make speech; use one with a decoder")
        return self.model


def as_loud_as(wav: np.ndarray, source: np.ndarray, sample_rate: int) -> np.ndarray:
    """`wav` (N,) with the active level of `source`, peaks limited to full scale; silence where the source is silent.

    The loudest frames make most of a level, and so limiting takes some of it off: that is made up for, within bounds.
    """
    wanted_db, own_db = level_db(source, sample_rate), level_db(wav, sample_rate)
    if not np.isfinite(wanted_db) or not np.isfinite(own_db):
        return np.zeros_like(wav)
    made, gain_db, most_db = wav, wanted_db - own_db, wanted_db - own_db + MOST_MADE_UP_DB
    for _ in range(ROUNDS_OF_LIMITING):
        made = limited((wav * 10 ** (gain_db / 20)).astype(wav.dtype), sample_rate)
        lost_db = wanted_db - level_db(made, sample_rate)
        if gain_db == most_db or lost_db < HEARD_DB:
            break
        gain_db = min(gain_db + lost_db, most_db)
    return made
