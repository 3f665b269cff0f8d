"""Regression by a mixture, and trajectories, against what dense linear algebra and sklearn say."""

import numpy as np
from sklearn.mixture import GaussianMixture

from vcdisent.augment.joint_mixture import fit_joint_mixture, likeliest_trajectory, with_deltas


def test_deltas_are_half_the_step_between_neighbours() -> None:
    np.testing.assert_allclose(with_deltas(np.array([[0.0], [1.0], [4.0]])), [[0, 1], [1, 2], [4, 3]])
    np.testing.assert_allclose(with_deltas(np.ones((1, 2))), [[1, 1, 0, 0]])


def test_one_component_is_linear_regression() -> None:
    random = np.random.default_rng(0)
    x, slope = random.standard_normal((4000, 3)), random.standard_normal((3, 2))
    y = x @ slope + 0.5 + 0.5 * random.standard_normal((4000, 2))
    mixture = fit_joint_mixture(x, y, 1)
    np.testing.assert_allclose(mixture.expect(x), x @ slope + 0.5, atol=0.2)
    np.testing.assert_allclose(1 / mixture.precisions, 0.25, rtol=0.3)


def test_a_prior_draws_slopes_to_the_identity() -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((4000, 2))
    y = -x + 0.1 * random.standard_normal((4000, 2))
    slopes = [fit_joint_mixture(x, y, 1, weight).slopes[0] for weight in (0.0, 1.0, 1e6)]
    np.testing.assert_allclose(slopes, [-np.eye(2), np.zeros((2, 2)), np.eye(2)], atol=0.05)
    unsure = fit_joint_mixture(x, y, 1, 1e6)
    np.testing.assert_allclose(1 / unsure.precisions, 4.0, rtol=0.1)  # of y - x


def test_components_bend_the_line() -> None:
    random = np.random.default_rng(0)
    x = random.uniform(-2, 2, (3000, 1))
    y = np.abs(x) + 0.05 * random.standard_normal(x.shape)
    errors = [np.square(fit_joint_mixture(x, y, n).expect(x) - np.abs(x)).mean() for n in (1, 4)]
    assert errors[1] < 0.1 * errors[0]


def test_shares_are_those_of_the_marginal_mixture() -> None:
    random = np.random.default_rng(0)
    x = np.concatenate([random.normal(-1, 1, (500, 2)), random.normal(1, 0.5, (500, 2))])
    mixture = fit_joint_mixture(x, x[:, :1] + random.normal(0, 0.3, (1000, 1)), 3)
    marginal = GaussianMixture(3)
    marginal.weights_, marginal.means_ = np.exp(mixture.log_weights), mixture.means
    marginal.precisions_cholesky_ = mixture.whitening
    np.testing.assert_allclose(mixture.shares(x), marginal.predict_proba(x).T, atol=1e-9)


def dense_trajectory(weighted: np.ndarray, precisions: np.ndarray) -> np.ndarray:
    """The same statics by a dense system for each coefficient, with no delta at either end."""
    num_frames, num_static = len(weighted), weighted.shape[1] // 2
    delta = (np.eye(num_frames, k=1) - np.eye(num_frames, k=-1)) / 2
    delta[[0, -1]] = 0
    window = np.concatenate([np.eye(num_frames), delta])
    statics = []
    for q in range(num_static):
        precision = np.concatenate([precisions[:, q], precisions[:, num_static + q]])
        right = np.concatenate([weighted[:, q], weighted[:, num_static + q]])
        statics.append(np.linalg.solve(window.T @ (precision[:, None] * window), window.T @ right))
    return np.stack(statics, axis=1)


def test_trajectories_are_those_of_a_dense_solution() -> None:
    random = np.random.default_rng(0)
    for num_frames in (1, 2, 3, 12):
        precisions = random.uniform(0.1, 5, (num_frames, 6))
        weighted = precisions * random.standard_normal((num_frames, 6))
        expected = dense_trajectory(weighted, precisions)
        np.testing.assert_allclose(likeliest_trajectory(weighted, precisions), expected, atol=1e-9)


def test_sure_deltas_smooth_the_statics() -> None:
    noisy = np.random.default_rng(0).standard_normal((50, 1))
    precisions = np.tile([1.0, 1e4], (50, 1))
    means = np.concatenate([noisy, np.zeros((50, 1))], axis=1)
    smooth = likeliest_trajectory(means * precisions, precisions)
    assert np.abs(smooth[2:] - smooth[:-2]).max() < 0.05 * np.abs(noisy[2:] - noisy[:-2]).max()
