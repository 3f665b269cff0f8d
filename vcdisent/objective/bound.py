"""One pass of a batch through a sequence VAE: posteriors, a sample of each, the prior along it, and their terms."""

from dataclasses import dataclass

from torch import Tensor

from vcdisent.model.gaussian import Gaussian, Normal
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.codes import everywhere
from vcdisent.objective.gather import gather_batch
from vcdisent.objective.minibatch_weighted import cross_information


@dataclass
class Sampled:
    """Posteriors of a batch and what was drawn from them.

    Attributes:
        static: q(s | x) (B, S).
        dynamic: q(z | x) (B, T, D).
        s: Sample (B, S) of the first.
        z: Sample (B, T, D) of the second.
        prior: p(z_t | z_<t) (B, T, D) along `z`.
    """

    static: Gaussian
    dynamic: Gaussian
    s: Tensor
    z: Tensor
    prior: Gaussian

    def bound(self, x: Tensor, decoded: Tensor) -> dict[str, Tensor]:
        """The three terms of the evidence lower bound, in nats, batch means, for frames `x` and their decoded mean."""
        return {
            "log_likelihood": elbo.log_likelihood(x, decoded),
            "kl_static": elbo.kl_static(self.static),
            "kl_dynamic": elbo.kl_dynamic(self.dynamic, self.prior),
        }

    def cross_information(self) -> Tensor:
        """I(z_t; s) in nats by minibatch-weighted sampling over the sequences of all ranks."""
        static, dynamic = everywhere(self.static), everywhere(self.dynamic)
        return cross_information(static, gather_batch(self.s), dynamic, gather_batch(self.z))


def sample_codes(model: SequenceVAE, codes: Tensor, normal: Normal) -> Sampled:
    """Posteriors, samples and prior for frame codes (B, T, H), with the step's own noise."""
    static, dynamic = model.static_posterior(codes), model.dynamic_posterior(codes, None, normal)
    s = static.sample(normal("static", tuple(static.mean.shape)))
    z = dynamic.sample(normal("dynamic", tuple(dynamic.mean.shape)))
    return Sampled(static, dynamic, s, z, model.prior(z))
