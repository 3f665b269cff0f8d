"""Log spectrograms in plain torch: the same code on a CPU, on a GPU and inside a training step."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class LogMagnitude(nn.Module):
    """Natural log of the STFT magnitude, without the DC bin: the 200 bins that this line of work uses (FHVAE's recipe).

    Args:
        sample_rate: Rate of the waveforms that come in, in hertz.
        win_length: Window (Hann) and FFT size in samples; 400 is 25 ms at 16 kHz.
        hop_length: Samples from one frame to the next; 160 is 10 ms at 16 kHz.
        floor: Smallest magnitude that is told from silence; magnitudes below it are raised to it before the log.
        level_db: Active speech level in dBFS to which a recording is brought first; None leaves it as it is.
        trim_db: Cut silence at both ends quieter than this below the loudest part; None keeps it.
    """

    window: Tensor

    def __init__(
        self,
        sample_rate: int = 16000,
        win_length: int = 400,
        hop_length: int = 160,
        floor: float = 1e-3,
        level_db: float | None = -26.0,
        trim_db: float | None = None,
    ) -> None:
        super().__init__()
        self.sample_rate, self.win_length, self.hop_length = sample_rate, win_length, hop_length
        self.floor, self.level_db, self.trim_db = floor, level_db, trim_db
        self.register_buffer("window", torch.hann_window(win_length), persistent=False)

    @property
    def frame_shape(self) -> tuple[int]:
        """(F,) of a frame."""
        return (self.num_bins,)

    @property
    def num_bins(self) -> int:
        """Values in one frame."""
        return self.win_length // 2

    def forward(self, wav: Tensor) -> Tensor:
        """Frames (B, T, F) of `wav` (B, N) in [-1, 1], centred: T = 1 + N // hop_length.

        The ends are padded with silence, so that a recording of any length has frames.
        """
        return self.frames(functional.pad(wav, (self.win_length // 2, self.win_length // 2)))

    def frames(self, padded: Tensor) -> Tensor:
        """Frames (B, T, F) of the whole windows in `padded` (B, N): natural log of magnitudes."""
        return self.magnitude(padded)[..., 1:].clamp_min(self.floor).log()

    def magnitude(self, padded: Tensor) -> Tensor:
        """STFT magnitudes (B, T, 1 + n_fft // 2) of the whole windows in `padded` (B, N), DC included."""
        spectrum = torch.stft(
            padded, self.win_length, self.hop_length, window=self.window, center=False, return_complex=True
        )
        return spectrum.abs().transpose(1, 2)


class LogMel(LogMagnitude):
    """Natural log of mel-band magnitudes, with librosa's filter bank (Slaney's scale and area normalisation).

    Args:
        n_mels: Bands.
        fmin_hz: Lower edge of the first band.
        fmax_hz: Upper edge of the last band; None is half the sample rate.
        options: As for `LogMagnitude`.
    """

    bank: Tensor

    def __init__(
        self,
        sample_rate: int = 16000,
        win_length: int = 400,
        hop_length: int = 160,
        floor: float = 1e-4,
        level_db: float | None = -26.0,
        trim_db: float | None = None,
        n_mels: int = 80,
        fmin_hz: float = 0.0,
        fmax_hz: float | None = None,
    ) -> None:
        super().__init__(sample_rate, win_length, hop_length, floor, level_db, trim_db)
        import librosa  # a bare GPU node has no librosa, and needs none for log magnitudes

        bank = librosa.filters.mel(sr=sample_rate, n_fft=win_length, n_mels=n_mels, fmin=fmin_hz, fmax=fmax_hz)
        self.register_buffer("bank", torch.from_numpy(bank).T.contiguous(), persistent=False)  # (1 + n_fft // 2, mels)

    @property
    def num_bins(self) -> int:
        """Values in one frame."""
        return self.bank.shape[1]

    def frames(self, padded: Tensor) -> Tensor:
        """Frames (B, T, n_mels) of the whole windows in `padded` (B, N): natural log of mel magnitudes."""
        return (self.magnitude(padded) @ self.bank).clamp_min(self.floor).log()
