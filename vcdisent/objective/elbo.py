"""The terms of the evidence lower bound (paper, equations 3 and 4)."""

from torch import Tensor

from vcdisent.model.gaussian import Gaussian


def log_likelihood(x: Tensor, decoded: Tensor) -> Tensor:
    """E[log p(x | z, s)] in nats, less its constant: minus half the squared error summed over a sequence, batch mean.

    Args:
        x: Normalised frames (B, T, ...).
        decoded: Their mean under a unit-variance Gaussian (B, T, ...).
    """
    return -0.5 * (x - decoded).square().flatten(1).sum(1).mean()


def kl_static(static: Gaussian) -> Tensor:
    """KL[q(s | x) || N(0, I)] in nats, analytic, batch mean, for a Gaussian (B, S)."""
    return static.kl_standard().sum(1).mean()


def kl_dynamic(dynamic: Gaussian, prior: Gaussian, context_frames: int = 0) -> Tensor:
    """KL[q(z | x) || p(z)] in nats, batch mean, for Gaussians (B, T, D).

    The closed form at each step along a sampled trajectory, which is what `prior` was conditioned on. The first
    `context_frames` steps are left out: the prior of the others is given them for nothing.
    """
    return dynamic.kl(prior)[:, context_frames:].flatten(1).sum(1).mean()
