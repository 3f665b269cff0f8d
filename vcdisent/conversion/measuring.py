"""What conversion needs of a voice, measured in recordings of it."""

from collections.abc import Sequence

import numpy as np
import torch

from vcdisent.batches import Normaliser
from vcdisent.conversion.blocks import posteriors, weighted_mean
from vcdisent.conversion.memory import ROUNDING, MemoryBuilder
from vcdisent.conversion.speech import spoken_threshold
from vcdisent.conversion.voice import Voice, check_recordings
from vcdisent.features.pitch import PitchStats, f0_stats, track_f0
from vcdisent.features.recording import Features, Recording, blocks_of, level_gain, wav_frames
from vcdisent.model.long_sequence import Model


def measure_voice(
    features: Features,
    normaliser: Normaliser,
    model: Model,
    recordings: Sequence[Recording],
    block_s: float,
    tracks_pitch: bool,
) -> Voice:
    """The voice of one or more recordings of a speaker, together, read in blocks.

    Args:
        features: Waveforms to frames.
        normaliser: The statistics of the training frames.
        model: Codes frames.
        recordings: Of the speaker.
        block_s: How much to read at a time, in seconds.
        tracks_pitch: Whether the pitch is wanted too.

    Raises:
        InputError: There are none, or one cannot be used.
    """
    check_recordings(recordings)
    statics, memory = [], MemoryBuilder()
    for recording in recordings:
        spoken_from, blocks = threshold_of(features, normaliser, recording, block_s), []
        for posterior, x in posteriors(features, normaliser, model, recording, block_s):
            blocks.append((posterior.static.mean[0], len(x)))
            if posterior.dynamic is not None:
                is_spoken = x.mean(1) >= spoken_from - ROUNDING
                memory.add(posterior.dynamic.mean[0][is_spoken], x[is_spoken])
        statics.append(weighted_mean(blocks))
    pitch = pitch_of(recordings, features.sample_rate, block_s) if tracks_pitch else None
    return Voice(torch.stack(statics).mean(0), memory.whole() if memory.kept else None, pitch)


def threshold_of(features: Features, normaliser: Normaliser, recording: Recording, block_s: float) -> float:
    """From which loudness of its normalised frames on somebody speaks in a recording."""
    gain = level_gain(features, recording)
    blocks = blocks_of(recording, features.sample_rate, block_s)
    frames = (normaliser(wav_frames(features, block * gain, normaliser.device)) for block in blocks)
    return spoken_threshold(torch.cat([x.mean(1) for x in frames]))


def pitch_of(recordings: Sequence[Recording], sample_rate: int, block_s: float) -> PitchStats | None:
    """Where the pitch of recordings lies, together; None where none is heard."""
    blocks = (block for recording in recordings for block in blocks_of(recording, sample_rate, block_s))
    return f0_stats(np.concatenate([track_f0(block, sample_rate) for block in blocks]))
