"""Regression by a Gaussian mixture of joint vectors (Kain and Macon, 1998), and the likeliest trajectory it gives.

Vectors are static coefficients with their deltas. The trajectory is that of Toda, Black and Tokuda (2007, section III),
with diagonal precisions: its statics and the deltas that follow from them are together the likeliest.
"""

import warnings
from dataclasses import dataclass

import numpy as np

REGULARISATION = 1e-2  # of covariances, for features of unit variance
MOST_ITERATIONS = 10


def with_deltas(static: np.ndarray) -> np.ndarray:
    """Static coefficients (T, Q) and half the step from the frame before to the one after: (T, 2 Q)."""
    return np.concatenate([static, np.gradient(static, axis=0) if len(static) > 1 else np.zeros_like(static)], axis=1)


@dataclass(frozen=True)
class JointMixture:
    """Mixture of M joint Gaussians of x (D) and y (E), as what follows from it for y given x.

    Attributes:
        log_weights: (M,) natural logs.
        means: (M, D) of x.
        whitening: (M, D, D) of x: inverse Cholesky factors of the covariances, transposed.
        slopes: (M, D, E) of the regressions.
        offsets: (M, E) of the regressions.
        precisions: (M, E) of y given x, diagonal.
    """

    log_weights: np.ndarray
    means: np.ndarray
    whitening: np.ndarray
    slopes: np.ndarray
    offsets: np.ndarray
    precisions: np.ndarray

    def shares(self, x: np.ndarray) -> np.ndarray:
        """Posterior probabilities (M, T) of the components given x (T, D)."""
        whitened = np.matmul(x, self.whitening) - np.matmul(self.means[:, None], self.whitening)
        log_determinant = np.log(np.diagonal(self.whitening, axis1=1, axis2=2)).sum(1)
        log_joint = (self.log_weights + log_determinant)[:, None] - np.square(whitened).sum(2) / 2
        joint = np.exp(log_joint - log_joint.max(axis=0))
        return joint / joint.sum(axis=0)

    def expect(self, x: np.ndarray) -> np.ndarray:
        """The mean (T, E) of y given x (T, D)."""
        return (self.shares(x)[..., None] * self.regressions(x)).sum(0)

    def regressions(self, x: np.ndarray) -> np.ndarray:
        """Each component's mean (M, T, E) of y given x (T, D)."""
        return np.matmul(x, self.slopes) + self.offsets[:, None]

    def trajectory(self, x: np.ndarray) -> np.ndarray:
        """The likeliest statics (T, E / 2) of y given x (T, D), both with deltas."""
        shares = self.shares(x)
        weighted = shares[..., None] * self.precisions[:, None]  # (M, T, E)
        return likeliest_trajectory((weighted * self.regressions(x)).sum(0), weighted.sum(0))


def fit_joint_mixture(x: np.ndarray, y: np.ndarray, num_components: int, prior_weight: float = 0.0) -> JointMixture:
    """Fits a mixture with full covariances.

    Args:
        x: (n, D), of about unit variance.
        y: (n, E), likewise: what goes with each row of x.
        num_components: Gaussians.
        prior_weight: Of the identity, to which slopes are drawn as a ridge draws them to 0.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    size = x.shape[1]
    mixture = GaussianMixture(
        num_components, reg_covar=REGULARISATION, max_iter=MOST_ITERATIONS, tol=1e-2, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few iterations are enough for a regression
        mixture.fit(np.concatenate([x, y], axis=1))
    of_x, across, of_y = (
        mixture.covariances_[:, :size, :size],
        mixture.covariances_[:, :size, size:],
        mixture.covariances_[:, size:, size:],
    )
    slopes = np.linalg.solve(of_x + prior_weight * np.eye(size), across + prior_weight * np.eye(*across.shape[1:]))
    offsets = mixture.means_[:, size:] - np.einsum("md,mde->me", mixture.means_[:, :size], slopes)
    explained = 2 * (across * slopes) - slopes * (of_x @ slopes)
    given_x = np.diagonal(of_y, axis1=1, axis2=2) - explained.sum(axis=1)
    whitening = np.linalg.inv(np.linalg.cholesky(of_x)).transpose(0, 2, 1)
    return JointMixture(np.log(mixture.weights_), mixture.means_[:, :size], whitening, slopes, offsets, 1 / given_x)


def likeliest_trajectory(weighted: np.ndarray, precisions: np.ndarray) -> np.ndarray:
    """Statics (T, Q) whose means and deltas are likeliest: the solution of one system of five bands for all of them.

    Args:
        weighted: Means times precisions (T, 2 Q) of the statics and the deltas.
        precisions: (T, 2 Q).
    """
    from scipy.linalg import solveh_banded

    num_frames, num_static = len(weighted), weighted.shape[1] // 2
    static_precision, delta_precision = precisions.T.reshape(2, -1)  # frames end to end, coefficient by coefficient
    static_mean, delta_mean = weighted.T.reshape(2, -1)
    # A delta at either end would need a frame that is not there; without it the coefficients stay apart, too.
    has_both_sides = np.tile(np.pad(np.ones(num_frames), 1)[2:] * np.pad(np.ones(num_frames), 1)[:-2], num_static)
    delta_precision, delta_mean = delta_precision * has_both_sides, delta_mean * has_both_sides
    before, after = np.roll(delta_precision, 1), np.roll(delta_precision, -1)
    bands = np.stack([-before / 4, np.zeros_like(before), static_precision + (before + after) / 4])
    right = static_mean + (np.roll(delta_mean, 1) - np.roll(delta_mean, -1)) / 2
    return solveh_banded(bands, right).reshape(num_static, num_frames).T
