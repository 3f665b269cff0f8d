"""The sequential VAE of C-DSVAE (Bai, Wang and Gomes, NeurIPS 2021, section 2.1)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vcdisent.model.gaussian import Gaussian, Normal
from vcdisent.model.posterior import StaticPosterior
from vcdisent.model.prior import LSTMPrior


@dataclass
class Posterior:
    """What a model says of a sequence: `static` (B, S), and `dynamic` (B, T, D) where the model has one."""

    static: Gaussian
    dynamic: Gaussian | None


class SequenceVAE(nn.Module):
    """Static s for the whole sequence, dynamic z_t for each frame, a decoder that sees both.

    Args:
        encoder: Codes one frame at a time, (B, T, ...) to (B, T, H); so a shuffled view shares its frames' codes.
        decoder: Codes (B, T, S + D) to the mean of the normalised frames (B, T, ...).
        static_posterior: q(s | x) from frame codes.
        dynamic_posterior: q(z | x) from frame codes.
        prior: p(z).
        static_size: Size of s.
        segment_frames: Frames of the sequences that the model is trained on, and so reads at a time.

    Attributes:
        static_centre: (S,) mean of the static codes of training data, around which they are compared; not learnt.
        dynamic_centre: (D,) the same for the dynamic ones.
    """

    static_centre: Tensor
    dynamic_centre: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        static_posterior: StaticPosterior,
        dynamic_posterior: nn.Module,
        prior: LSTMPrior,
        static_size: int,
        segment_frames: int,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.prior = encoder, decoder, prior
        self.static_posterior, self.dynamic_posterior = static_posterior, dynamic_posterior
        self.static_size, self.segment_frames = static_size, segment_frames
        self.register_buffer("static_centre", torch.zeros(static_size))
        self.register_buffer("dynamic_centre", torch.zeros(prior.dynamic_size))

    def encode(self, x: Tensor, lengths: Tensor | None = None, normal: Normal | None = None) -> Posterior:
        """Posterior of normalised frames `x` (B, T, ...), each with its own `lengths` (B,) in frames.

        `normal` makes an autoregressive posterior feed back samples; without it means are fed back.
        """
        codes = self.encoder(x)
        return Posterior(self.static_posterior(codes, lengths), self.dynamic_posterior(codes, lengths, normal))

    def decode(self, static: Tensor, dynamic: Tensor) -> Tensor:
        """Mean of the normalised frames (B, T, ...) for `static` (B, S) and `dynamic` (B, T, D)."""
        repeated = static.unsqueeze(1).expand(-1, dynamic.shape[1], -1)
        return self.decoder(torch.cat([repeated, dynamic], dim=-1))

    @torch.no_grad()
    def sample(self, num_sequences: int, num_frames: int, normal: Normal) -> Tensor:
        """Normalised frames (n, T, ...) of sequences drawn from the prior."""
        static = normal("prior_static", (num_sequences, self.static_size))
        return self.decode(static, self.prior.sample(num_sequences, num_frames, normal))

    @torch.no_grad()
    def swap(self, x_a: Tensor, x_b: Tensor) -> tuple[Tensor, Tensor]:
        """`x_a` (B, T, ...) with the static code of `x_b`, and the other way round; by posterior means."""
        codes = (self.encoder(x_a), self.encoder(x_b))
        s_a, s_b = (self.static_posterior(code).mean for code in codes)
        z_a, z_b = (self.dynamic_posterior(code).mean for code in codes)
        return self.decode(s_b, z_a), self.decode(s_a, z_b)
