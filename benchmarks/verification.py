"""Seconds for an equal error rate, against scikit-learn's ROC curve and SpeechBrain's EER."""

from functools import partial

import numpy as np
import torch
from sklearn.metrics import roc_curve
from timing import begin, compare, in_turns, options, print_table

from vcdisent.evaluation.verification import equal_error_rate

SHARE_OF_TARGETS = 0.1
SEPARATION = 2.0  # standard deviations between the means of the two kinds of scores: an error rate near 16%


def make_trials(num_trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n,) that are normal within each kind, and which of them are targets (n,)."""
    random = np.random.default_rng(0)
    is_target = np.arange(num_trials) < SHARE_OF_TARGETS * num_trials
    return random.standard_normal(num_trials) + SEPARATION * is_target, is_target


def ours(scores: np.ndarray, is_target: np.ndarray) -> float:
    """Equal error rate in percent."""
    return equal_error_rate(scores, is_target)[0]


def by_scikit_learn(scores: np.ndarray, is_target: np.ndarray) -> float:
    """The same from the point of scikit-learn's ROC curve that is nearest to equal rates."""
    false_alarms, hits, _ = roc_curve(is_target, scores, drop_intermediate=False)
    nearest = np.argmin(np.abs(1 - hits - false_alarms))
    return 50 * float(1 - hits[nearest] + false_alarms[nearest])


def by_speechbrain(scores: np.ndarray, is_target: np.ndarray) -> float:
    """The same by SpeechBrain, which counts anew at each threshold."""
    from speechbrain.utils.metric_stats import EER

    return 100 * EER(torch.from_numpy(scores[is_target]), torch.from_numpy(scores[~is_target]))[0]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--num_trials", type=int, default=1_000_000)
    parser.add_argument("--num_speechbrain_trials", type=int, default=10_000, help="a million would take it hours")
    parser.add_argument("--num_repeats", type=int, default=5)
    given = parser.parse_args()
    device = begin(given)
    rows = []
    for num_trials, name, rival in (
        (given.num_trials, "sklearn.metrics.roc_curve", by_scikit_learn),
        (given.num_speechbrain_trials, "speechbrain.utils.metric_stats.EER", by_speechbrain),
    ):
        trials = make_trials(num_trials)
        rates = ours(*trials), rival(*trials)
        if abs(rates[0] - rates[1]) > 100 / (SHARE_OF_TARGETS * num_trials):
            raise SystemExit(f"the error rates differ by more than one target trial: {rates}")
        print(f"{num_trials:,} trials: {rates[0]:.3f}% by vcdisent, {rates[1]:.3f}% by {name}\n")
        turns = {
            f"equal_error_rate, {num_trials:,} trials": partial(ours, *trials),
            f"{name}, {num_trials:,} trials": partial(rival, *trials),
        }
        rows += compare(in_turns(turns, given.num_repeats, device))
    print_table(["what", "seconds, median (lowest to highest)", "times ours"], rows)


if __name__ == "__main__":
    main()
