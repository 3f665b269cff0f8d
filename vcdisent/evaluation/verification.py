"""Speaker verification: cosine scores, equal error rate, detection cost, and intervals over speakers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcdisent.errors import InputError

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Trials:
    """Pairs of recordings to be told apart.

    Attributes:
        left: Index (n,) of each pair's first recording.
        right: Index (n,) of its second.
        is_target: Whether both are of one speaker (n,).
    """

    left: NDArray[np.integer]
    right: NDArray[np.integer]
    is_target: NDArray[np.bool_]

    @classmethod
    def all_pairs(cls, speakers: Sequence[object]) -> "Trials":
        """Every pair of recordings whose speakers are given."""
        left, right = np.triu_indices(len(speakers), k=1)
        _, labels = np.unique(np.asarray(speakers), return_inverse=True)
        return cls(left, right, labels[left] == labels[right])

    def scores(self, embeddings: Array) -> Array:
        """Cosine scores (n,) of `embeddings` (U, S), in [-1, 1]."""
        unit = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
        return np.einsum("ns,ns->n", unit[self.left], unit[self.right])


def error_rates(scores: Array, is_target: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Miss rate and false-alarm rate when pairs that score at least a threshold are accepted, by one sort.

    Returns:
        Thresholds (k,), rising, the last one above all scores; miss rates (k,); false-alarm rates (k,).

    Raises:
        InputError: A score is not a finite number.
    """
    if not np.isfinite(scores).all():
        broken = np.count_nonzero(~np.isfinite(scores))
        raise InputError(f"{broken} of {len(scores)} scores are not finite numbers; the model's codes are broken")
    thresholds = np.append(np.unique(scores), np.inf)
    targets, others = np.sort(scores[is_target]), np.sort(scores[~is_target])
    misses = np.searchsorted(targets, thresholds, side="left") / len(targets)
    false_alarms = (len(others) - np.searchsorted(others, thresholds, side="left")) / len(others)
    return thresholds, misses, false_alarms


def equal_error_rate(scores: Array, is_target: NDArray[np.bool_]) -> tuple[float, float]:
    """Equal error rate in percent, between the two thresholds where the rates cross, and the threshold there."""
    thresholds, misses, false_alarms = error_rates(scores, is_target)
    after = int(np.argmax(misses >= false_alarms))
    before = max(after - 1, 0)
    gap_before, gap_after = false_alarms[before] - misses[before], misses[after] - false_alarms[after]
    share = gap_before / (gap_before + gap_after) if gap_before + gap_after > 0 else 0.0
    rate = misses[before] + share * (misses[after] - misses[before])
    threshold = thresholds[after] if np.isfinite(thresholds[after]) else thresholds[before]
    return 100 * float(rate), float(threshold)


def minimum_detection_cost(scores: Array, is_target: NDArray[np.bool_], prior: float = 0.01) -> float:
    """NIST's minimum detection cost with unit costs, relative to the better of always saying yes and always no."""
    _, misses, false_alarms = error_rates(scores, is_target)
    cost = prior * misses + (1 - prior) * false_alarms
    return float(cost.min() / min(prior, 1 - prior))


def speaker_interval(
    measure: Callable[[Array, NDArray[np.bool_]], float],
    scores: Array,
    trials: Trials,
    speakers: Sequence[object],
    num_draws: int = 200,
    seed: int = 0,
) -> tuple[float, float]:
    """95% bootstrap interval of `measure` over speakers: whole speakers are drawn, with replacement, and their pairs.

    A target pair lies within one speaker and counts as often as that speaker was drawn; another pair counts as often as
    the product of how often its two speakers were. For a speaker who is drawn twice is two people with like voices:
    each brings target pairs of his own, and meets every draw of the others; between the two there are no pairs, as a
    recording against itself or its copy says nothing.
    """
    _, labels = np.unique(np.asarray(speakers), return_inverse=True)
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(num_draws):
        counts = np.bincount(generator.integers(labels.max() + 1, size=labels.max() + 1), minlength=labels.max() + 1)
        weight = np.where(
            trials.is_target, counts[labels[trials.left]], counts[labels[trials.left]] * counts[labels[trials.right]]
        )
        if weight[trials.is_target].any() and weight[~trials.is_target].any():
            values.append(measure(np.repeat(scores, weight), np.repeat(trials.is_target, weight)))
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def verification_figures(
    embeddings: Mapping[str, Array], trials: Trials, speakers: Sequence[object]
) -> list[dict[str, Any]]:
    """One row a kind of embedding (U, S): `eer` with its interval `low` to `high`, `min_dcf`, `threshold`."""
    rows = []
    for name, vectors in embeddings.items():
        scores = trials.scores(vectors)
        eer, threshold = equal_error_rate(scores, trials.is_target)
        low, high = speaker_interval(lambda s, t: equal_error_rate(s, t)[0], scores, trials, speakers)
        min_dcf = minimum_detection_cost(scores, trials.is_target)
        rows.append({"name": name, "eer": eer, "low": low, "high": high, "min_dcf": min_dcf, "threshold": threshold})
    return rows
