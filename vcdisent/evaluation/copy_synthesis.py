"""What a training run of a vocoder is shown of dev: recordings and their copies."""

import math

import torch
from torch import Tensor

from vcdisent.batches import FrameBank
from vcdisent.vocoder.istft_generator import IstftGenerator
from vcdisent.vocoder.objective import magnitude

N_FFTS = (512, 1024)
NUM_RECORDINGS, LONGEST_S = 16, 4.0
PICTURE_NATS = 7.0
"""How far below the loudest a picture shows, 61 dB."""


class CopyCriterion:
    """How far copies of dev's recordings are from these.

    Attributes:
        names: `log_spectral_distance_db`, root mean square over time and frequency, and `score`, minus that.
    """

    names = ("log_spectral_distance_db", "score")

    def __init__(self, bank: FrameBank, device: torch.device) -> None:
        chosen = torch.linspace(0, len(bank.ids) - 1, min(NUM_RECORDINGS, len(bank.ids))).long().tolist()
        self.wavs = [bank.utterance(index).to(device) for index in chosen]

    def recordings(self, model: IstftGenerator) -> list[Tensor]:
        """Beginnings (1, N) of recordings of dev."""
        longest = math.ceil(LONGEST_S * model.features.sample_rate)
        return [blocks.flatten()[:longest].unsqueeze(0) for blocks in self.wavs]

    @torch.no_grad()
    def __call__(self, model: IstftGenerator) -> dict[str, float]:
        """The figures of `names`."""
        squared = [
            (magnitude(copy, n_fft).log() - magnitude(wav[:, : copy.shape[1]], n_fft).log()).square().mean()
            for wav in self.recordings(model)
            for copy in [model(model.features(wav))]
            for n_fft in N_FFTS
        ]
        distance = 20 / math.log(10) * torch.stack(squared).mean().sqrt().item()
        return {"log_spectral_distance_db": distance, "score": -distance}


class CopyPictures:
    """Pictures for the log: the spectrogram of a recording of dev above that of its copy."""

    def __init__(self, criterion: CopyCriterion) -> None:
        self.criterion = criterion

    @torch.no_grad()
    def __call__(self, model: IstftGenerator) -> dict[str, Tensor]:
        """An image (H, W) in [0, 1]."""
        wav = self.criterion.recordings(model)[0]
        copy = model(model.features(wav))
        logs = [magnitude(each, N_FFTS[0])[0].log().flip(0) for each in (wav[:, : copy.shape[1]], copy)]
        loudest = logs[0].max()
        return {"copy": torch.cat([((log - loudest) / PICTURE_NATS + 1).clamp(0, 1) for log in logs])}
