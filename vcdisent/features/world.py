"""WORLD (Morise, Yokomori and Ozawa, 2016): speech as pitch, spectral envelope and aperiodicity, and back."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from vcdisent.features.pitch import F0_RANGE_HZ, Tracker, track_f0

FLOOR = 1e-6  # smallest magnitude of an envelope: in digital silence WORLD's goes to zero
DB = 20 / np.log(10)


@dataclass(frozen=True)
class WorldFrames:
    """WORLD's three parts, each over T frames.

    Attributes:
        f0_hz: (T,), 0 where unvoiced.
        log_envelope: (T, K) natural log of the magnitude envelope, on every linear bin or on mel-spaced bands.
        aperiodicity_db: (T, A) on every linear bin or coded in a few bands; 0 dB is all noise.
    """

    f0_hz: np.ndarray
    log_envelope: np.ndarray
    aperiodicity_db: np.ndarray


def analyse(
    wav: np.ndarray,
    sample_rate: int,
    hop_ms: float = 10.0,
    num_bands: int | None = 60,
    tracker: Tracker = "dio",
) -> WorldFrames:
    """WORLD's analysis of one waveform: its pitch, then CheapTrick and D4C.

    Args:
        wav: (N,) in [-1, 1].
        sample_rate: In hertz.
        hop_ms: From one frame to the next.
        num_bands: Mel-spaced bands of the envelope, with the aperiodicity coded to match; None keeps every linear bin
            of both, which is what resynthesis of the same recording wants.
        tracker: Of the pitch, as for `track_f0`.

    Returns:
        Frames in float64, T = 1 + N // hop.
    """
    import pyworld

    wav = np.ascontiguousarray(wav, np.float64)
    f0_hz = track_f0(wav, sample_rate, hop_ms, tracker)
    time_s = np.arange(len(f0_hz)) * hop_ms / 1000
    # A threshold of 0: D4C's second opinion on what is voiced turns vowels in noise to whispers.
    aperiodicity = pyworld.d4c(wav, f0_hz, time_s, sample_rate, threshold=0.0, fft_size=_fft_size(sample_rate))
    envelope = log_envelope(wav, f0_hz, sample_rate, hop_ms)
    if num_bands is None:
        return WorldFrames(f0_hz, envelope, DB * np.log(aperiodicity))
    coded_db = pyworld.code_aperiodicity(aperiodicity, sample_rate)
    return WorldFrames(f0_hz, envelope @ _encoder(sample_rate, num_bands), coded_db)


def log_envelope(wav: np.ndarray, f0_hz: np.ndarray, sample_rate: int, hop_ms: float) -> np.ndarray:
    """CheapTrick's envelope (T, 1 + n_fft // 2) of a waveform (N,) of known pitch (T,): natural log of magnitudes.

    Harmonics do not show in it, so that two pitches of the same voice have the same.
    """
    import pyworld

    time_s = np.arange(len(f0_hz)) * hop_ms / 1000
    wav, f0_hz = (np.ascontiguousarray(x, np.float64) for x in (wav, f0_hz))
    power = pyworld.cheaptrick(wav, f0_hz, time_s, sample_rate, f0_floor=F0_RANGE_HZ[0])
    return np.log(np.maximum(power, FLOOR**2)) / 2


def synthesise(
    frames: WorldFrames, sample_rate: int, hop_ms: float = 10.0, num_samples: int | None = None
) -> np.ndarray:
    """Waveform of WORLD frames, whether kept on every bin or coded.

    Args:
        frames: As `analyse` gives them.
        sample_rate: In hertz.
        hop_ms: From one frame to the next.
        num_samples: Length of the result; None is (T - 1) hops.

    Returns:
        wav (num_samples,), float32; silence follows where the frames end sooner.
    """
    import pyworld

    envelope = np.exp(decode_envelope(frames.log_envelope, sample_rate))
    aperiodicity = _decode_aperiodicity(frames.aperiodicity_db, sample_rate)
    f0_hz = np.ascontiguousarray(frames.f0_hz, np.float64)
    wav = pyworld.synthesize(f0_hz, envelope**2, aperiodicity, sample_rate, hop_ms)
    if num_samples is None:
        num_samples = round((len(f0_hz) - 1) * hop_ms * sample_rate / 1000)
    return np.pad(wav, (0, max(num_samples - len(wav), 0)))[:num_samples].astype(np.float32)


def bin_hz(sample_rate: int) -> np.ndarray:
    """Frequencies (1 + n_fft // 2,) in hertz of WORLD's linear bins."""
    return np.linspace(0, sample_rate / 2, 1 + _fft_size(sample_rate) // 2)


def decode_envelope(log_envelope: np.ndarray, sample_rate: int) -> np.ndarray:
    """Envelope (T, 1 + n_fft // 2) of mel-spaced bands (T, K): straight lines between them on the mel scale."""
    if log_envelope.shape[1] == 1 + _fft_size(sample_rate) // 2:
        return np.ascontiguousarray(log_envelope, np.float64)
    return np.ascontiguousarray(log_envelope @ _decoder(sample_rate, log_envelope.shape[1]), np.float64)


class World(nn.Module):
    """WORLD's parts as columns of one frame, called like a spectrogram: F0 in hertz, log envelope, aperiodicity in dB.

    Args:
        sample_rate: Rate of the waveforms that come in, in hertz.
        hop_length: Samples from one frame to the next; 160 is 10 ms at 16 kHz.
        num_bands: Mel-spaced bands of the envelope.
        level_db: Active speech level in dBFS to which a recording is brought first; None leaves it as it is.
        trim_db: Cut silence at both ends quieter than this below the loudest part; None keeps it.
    """

    def __init__(
        self,
        sample_rate: int = 16000,
        hop_length: int = 160,
        num_bands: int = 60,
        level_db: float | None = -26.0,
        trim_db: float | None = None,
    ) -> None:
        super().__init__()
        self.sample_rate, self.hop_length, self.num_bands = sample_rate, hop_length, num_bands
        self.level_db, self.trim_db = level_db, trim_db

    @property
    def frame_shape(self) -> tuple[int]:
        """(F,) of a frame."""
        return (self.num_bins,)

    @property
    def num_bins(self) -> int:
        """Values in one frame: 1 + num_bands + the bands of the aperiodicity."""
        import pyworld

        return 1 + self.num_bands + pyworld.get_num_aperiodicities(self.sample_rate)

    @property
    def hop_ms(self) -> float:
        """From one frame to the next, in milliseconds."""
        return 1000 * self.hop_length / self.sample_rate

    def forward(self, wav: Tensor) -> Tensor:
        """Frames (B, T, F) of `wav` (B, N) in [-1, 1], T = 1 + N // hop_length; worked out on the CPU."""
        rows = [analyse(row, self.sample_rate, self.hop_ms, self.num_bands) for row in wav.cpu().numpy()]
        columns = [np.column_stack([row.f0_hz, row.log_envelope, row.aperiodicity_db]) for row in rows]
        return torch.from_numpy(np.stack(columns).astype(np.float32)).to(wav.device)

    def split(self, frames: Tensor) -> WorldFrames:
        """The three parts of frames (T, F), ready for `synthesise`."""
        columns = frames.cpu().numpy().astype(np.float64)
        return WorldFrames(columns[:, 0], columns[:, 1 : 1 + self.num_bands], columns[:, 1 + self.num_bands :])


def _fft_size(sample_rate: int) -> int:
    import pyworld

    return pyworld.get_cheaptrick_fft_size(sample_rate, F0_RANGE_HZ[0])


def _decode_aperiodicity(aperiodicity_db: np.ndarray, sample_rate: int) -> np.ndarray:
    import pyworld

    fft_size = _fft_size(sample_rate)
    if aperiodicity_db.shape[1] == 1 + fft_size // 2:
        return np.exp(np.minimum(aperiodicity_db, 0.0) / DB)
    coded_db = np.ascontiguousarray(np.minimum(aperiodicity_db, 0.0), np.float64)
    return pyworld.decode_aperiodicity(coded_db, sample_rate, fft_size)


@lru_cache
def _decoder(sample_rate: int, num_bands: int) -> np.ndarray:
    """Matrix (num_bands, 1 + n_fft // 2) that draws straight lines on the mel scale between bands."""
    bins_mel = _mel(bin_hz(sample_rate))
    bands_mel = np.linspace(0, _mel(sample_rate / 2), num_bands)
    return np.stack([np.interp(bins_mel, bands_mel, band) for band in np.eye(num_bands)])


@lru_cache
def _encoder(sample_rate: int, num_bands: int) -> np.ndarray:
    """Matrix (1 + n_fft // 2, num_bands) for the bands whose straight lines come closest to an envelope."""
    return np.linalg.pinv(_decoder(sample_rate, num_bands))


def _mel(frequency_hz: np.ndarray | float) -> np.ndarray | float:
    return 2595 * np.log10(1 + np.asarray(frequency_hz) / 700)
