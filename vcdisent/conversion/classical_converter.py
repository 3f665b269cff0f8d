"""Voice conversion without a model, by the methods of `vcdisent.augment`: the baselines of conversion."""

from collections.abc import Iterator, Sequence

import numpy as np

from vcdisent.augment.classical import Conversion, Method, Voice, voice_of
from vcdisent.augment.classical_inca import louder_than_pauses
from vcdisent.conversion.converter import BLOCK_S, OVERLAP_S, as_loud_as
from vcdisent.conversion.seams import join
from vcdisent.conversion.voice import Pitch, check_recordings, is_enrolled
from vcdisent.errors import InputError
from vcdisent.features.recording import Recording, blocks_of, level_gain
from vcdisent.features.world import World, analyse, synthesise


class ClassicalConverter:
    """Converts by what the recordings at hand tell of two voices; called like a `Converter`.

    Args:
        method: Fits a pair of voices.
        name: What the method is called.
        sample_rate: Of converted speech, in hertz.
        hop_ms: Of WORLD's analysis and synthesis; its own 5 ms sounds better than the 10 of frames for training.
    """

    def __init__(self, method: Method, name: str, sample_rate: int = 16000, hop_ms: float = 5.0) -> None:
        self.method, self.name, self.sample_rate, self.hop_ms = method, name, sample_rate, hop_ms
        self._features = World(sample_rate)  # for the level to which recordings are brought

    def voice(self, recordings: Sequence[Recording], pitch: Pitch = "auto") -> Voice:
        """The voice of one or more recordings of a speaker, together; its method moves the pitch where theirs lies.

        Raises:
            InputError: There are none, one cannot be used, or the pitch is to go elsewhere.
        """
        if pitch != "auto":
            raise InputError("a classical method moves the pitch to the target's: leave out --pitch")
        if any(map(is_enrolled, recordings)):
            raise InputError("a classical method needs recordings of the voice, not an enrolled one")
        check_recordings(recordings)
        blocks = (
            block * gain
            for recording in recordings
            for gain in [level_gain(self._features, recording)]
            for block in blocks_of(recording, self.sample_rate, BLOCK_S)
        )
        return voice_of(blocks, self.sample_rate, self.hop_ms)

    def heard_s(self, voice: Voice) -> float:
        """How many seconds of speech a voice was heard in, pauses left out."""
        return np.count_nonzero(louder_than_pauses(voice.log_envelope)) * self.hop_ms / 1000

    def convert_blocks(self, source: Recording, target: Voice) -> Iterator[np.ndarray]:
        """`source` in the voice of `target`, as long and as loud, in pieces (N,), end to end.

        Raises:
            InputError: The source cannot be used.
        """
        conversion, gain = self.method.fit(self.voice([source]), target), level_gain(self._features, source)
        blocks = blocks_of(source, self.sample_rate, BLOCK_S, OVERLAP_S)
        pieces = (self._convert_block(block, gain, conversion) for block in blocks)
        yield from join(pieces, round(OVERLAP_S * self.sample_rate), self.sample_rate)

    def _convert_block(self, wav: np.ndarray, gain: np.float32, conversion: Conversion) -> np.ndarray:
        own = analyse(wav * gain, self.sample_rate, self.hop_ms, None)
        converted = synthesise(conversion(own), self.sample_rate, self.hop_ms, len(wav))
        return as_loud_as(converted, wav, self.sample_rate)
