"""What a neural vocoder learns by: spectra like the recording's at several resolutions, and networks it has to fool."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import Batch
from vcdisent.errors import InputError
from vcdisent.objective.adversarial_game import adversarial_terms
from vcdisent.objective.weighting import Weighting
from vcdisent.vocoder.istft_generator import IstftGenerator

SIGNS = {
    "log_distance": -1.0,
    "convergence": -1.0,
    "adversarial": -1.0,
    "feature_distance": -1.0,
}
"""Terms of the generator; all are to fall."""

QUIETEST = 1e-3
"""Of a magnitude whose log is compared."""


class VocoderObjective(nn.Module):
    """Distances of spectra (Yamamoto, Song and Kim, ICASSP 2020) and, with discriminators, an adversarial game.

    Generator and discriminators learn in the same step, from the same forward passes; neither's loss moves the other.

    Args:
        weights: Of `log_distance`, mean absolute difference of log magnitudes in nats; `convergence`, relative distance
            of magnitudes; `adversarial`, minus the discriminators' mean score; `feature_distance`, mean absolute
            difference of what their layers make, relative to those of the recording.
        n_ffts: Sizes of the transforms in samples; hops are a quarter of each.
        discriminators: Called with wav (B, N); see `SpectrogramDiscriminators`. None leaves the last two terms out.

    Raises:
        InputError: Weights are not those of the terms, or ask for discriminators that are not there.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        n_ffts: Sequence[int] = (256, 512, 1024, 2048),
        discriminators: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.weighting, self.n_ffts, self.discriminators = Weighting(SIGNS, weights), tuple(n_ffts), discriminators
        if discriminators is None and (weights["adversarial"] or weights["feature_distance"]):
            raise InputError("configuration: objective.weights.adversarial and feature_distance need discriminators")

    def forward(self, model: IstftGenerator, batch: Batch) -> dict[str, Tensor]:
        """Terms of the copies of a batch of `Waveform` frames, `loss`, and what the discriminators lose."""
        wav = batch.x.flatten(1)
        made = model(model.features(wav))
        terms = self._spectral(wav, made)
        if self.discriminators is not None:
            terms |= adversarial_terms(self.discriminators, (wav,), (made,))
        nothing = {name: wav.new_zeros(()) for name in SIGNS if name not in terms}
        terms = self.weighting.with_loss(terms | nothing)
        return terms | {"loss": terms["loss"] + terms.get("discriminators", 0.0)}

    def _spectral(self, wav: Tensor, made: Tensor) -> dict[str, Tensor]:
        pairs = [(magnitude(wav, n_fft), magnitude(made, n_fft)) for n_fft in self.n_ffts]
        logs = [functional.l1_loss(own.log(), real.log()) for real, own in pairs]
        relative = [(real - own).norm() / real.norm() for real, own in pairs]  # of a batch: a pause has no size
        return {"log_distance": torch.stack(logs).mean(), "convergence": torch.stack(relative).mean()}


def magnitude(wav: Tensor, n_fft: int) -> Tensor:
    """STFT magnitudes (B, K, T) of `wav` (B, N), none below the quietest."""
    window = torch.hann_window(n_fft, device=wav.device)
    spectrum = torch.stft(wav, n_fft, n_fft // 4, window=window, pad_mode="constant", return_complex=True)
    return (spectrum.real.square() + spectrum.imag.square() + QUIETEST**2).sqrt()
