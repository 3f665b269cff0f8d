"""Real-time factors of the features, seconds of work per second of audio, against librosa's and pyworld's functions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import librosa
import numpy as np
import pyworld
import torch
from timing import begin, buzz, compare, in_turns, options, print_table

from vcdisent import audio
from vcdisent.features.recording import Features, wav_frames
from vcdisent.features.spectrogram import LogMagnitude, LogMel
from vcdisent.features.world import World

LARGEST_DIFFERENCE = 0.01  # of natural logs: float32 near the floor of a log spectrum


def ours(features: Features, wav: np.ndarray, device: torch.device) -> np.ndarray:
    """Frames (T, F) as extraction makes them, from host memory to host memory."""
    return wav_frames(features, wav, device).cpu().numpy()


def librosa_log_magnitude(features: LogMagnitude, wav: np.ndarray) -> np.ndarray:
    """Frames (T, F) of `LogMagnitude` by librosa."""
    spectrum = librosa.stft(wav, n_fft=features.win_length, hop_length=features.hop_length, pad_mode="constant")
    return np.log(np.maximum(np.abs(spectrum[1:]), features.floor)).T


def librosa_log_mel(features: LogMel, wav: np.ndarray) -> np.ndarray:
    """Frames (T, F) of `LogMel` by librosa."""
    mel = librosa.feature.melspectrogram(
        y=wav,
        sr=features.sample_rate,
        n_fft=features.win_length,
        hop_length=features.hop_length,
        n_mels=features.num_bins,
        power=1.0,
        pad_mode="constant",
    )
    return np.log(np.maximum(mel, features.floor)).T


def pyworld_frames(features: World, wav: np.ndarray) -> np.ndarray:
    """F0 in hertz (T,); the envelope and the aperiodicity that go with it stay on every bin."""
    f0_hz, _, _ = pyworld.wav2world(wav.astype(np.float64), features.sample_rate, frame_period=features.hop_ms)
    return f0_hz


def see_that_same(features: Features, wav: np.ndarray, rival: Callable[[], np.ndarray], device: torch.device) -> None:
    """Ends the run unless the rival's frames are ours."""
    frames, theirs = ours(features, wav, device), rival()
    difference = np.abs(frames - theirs).max() if frames.shape == theirs.shape else np.inf
    if difference > LARGEST_DIFFERENCE:
        raise SystemExit(f"{type(features).__name__} and its rival differ by {difference:.3g}")
    print(f"{type(features).__name__} and its rival differ by at most {difference:.1g}\n")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--input", type=Path, help="a recording, in place of a synthetic buzz")
    parser.add_argument("--seconds", type=float, default=30.0, help="of synthetic audio")
    parser.add_argument("--num_repeats", type=int, default=11)
    given = parser.parse_args()
    device = begin(given)
    spectrogram, mel, world = LogMagnitude().to(device), LogMel().to(device), World()
    wav = audio.read(given.input, 16000)[0] if given.input else buzz(given.seconds, 16000)
    rivals = (
        (spectrogram, "librosa.stft, log", partial(librosa_log_magnitude, spectrogram, wav)),
        (mel, "librosa.feature.melspectrogram, log", partial(librosa_log_mel, mel, wav)),
        (world, "pyworld.wav2world, not coded", partial(pyworld_frames, world, wav)),
    )
    rows = []
    for features, name, rival in rivals:
        if features is not world:
            see_that_same(features, wav, rival, device)
        turns = {type(features).__name__: partial(ours, features, wav, device), name: rival}
        rows += compare(in_turns(turns, given.num_repeats, device), len(wav) / features.sample_rate)
    heard = f"{len(wav) / 16000:.0f} s of {given.input.name if given.input else 'a synthetic buzz'}"
    print_table([heard, "real-time factor, median (lowest to highest)", "times ours"], rows)


if __name__ == "__main__":
    main()
