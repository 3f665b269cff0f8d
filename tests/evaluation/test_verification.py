"""Verification figures: laws of the equal error rate, speechbrain's figures, intervals over speakers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcdisent.errors import InputError
from vcdisent.evaluation.verification import (
    Trials,
    equal_error_rate,
    error_rates,
    minimum_detection_cost,
    speaker_interval,
    verification_figures,
)

FIGURES = st.integers(-1000, 1000).map(lambda n: n / 100)
SEVERAL = st.lists(FIGURES, min_size=1, max_size=40).map(np.array)


def joined(targets, others):
    return np.concatenate([targets, others]), np.arange(len(targets) + len(others)) < len(targets)


def random_scores(num_targets=400, num_others=3000, shift=1.0, seed=0):
    generator = np.random.default_rng(seed)
    return joined(generator.normal(shift, 1, num_targets), generator.normal(0, 1, num_others))


@settings(deadline=None)
@given(SEVERAL, SEVERAL)
def test_perfect_scores_have_no_errors_and_inverted_ones_nothing_else(targets, others):
    apart = targets - targets.min() + others.max() + 0.5
    scores, is_target = joined(apart, others)
    rate, threshold = equal_error_rate(scores, is_target)
    assert rate == 0 and np.array_equal(scores >= threshold, is_target)
    assert minimum_detection_cost(scores, is_target) == 0
    assert equal_error_rate(*joined(others, apart))[0] == pytest.approx(100)


@settings(deadline=None)
@given(SEVERAL, SEVERAL, st.integers(0, 2))
def test_only_the_order_of_scores_matters(targets, others, which):
    scores, is_target = joined(targets, others)
    mapped = [lambda x: 3 * x - 7, np.arctan, lambda x: np.sign(x) * x**2][which](scores)
    assert equal_error_rate(mapped, is_target)[0] == pytest.approx(equal_error_rate(scores, is_target)[0])
    assert minimum_detection_cost(mapped, is_target) == pytest.approx(minimum_detection_cost(scores, is_target))


@settings(deadline=None)
@given(SEVERAL, SEVERAL)
def test_figures_lie_where_they_can_and_turning_scores_over_turns_the_rate(targets, others):
    scores, is_target = joined(targets, others)
    rate, threshold = equal_error_rate(scores, is_target)
    assert 0 <= rate <= 100 and threshold in scores
    assert 0 <= minimum_detection_cost(scores, is_target) <= 1
    assert equal_error_rate(-scores, ~is_target)[0] == pytest.approx(rate, abs=100 / min(len(targets), len(others)))


def test_scores_that_say_nothing_err_half_the_time():
    scores, is_target = random_scores(2000, 2000, shift=0)
    assert equal_error_rate(scores, is_target)[0] == pytest.approx(50, abs=3)
    assert equal_error_rate(np.zeros(4000), is_target)[0] == pytest.approx(50)
    assert minimum_detection_cost(np.zeros(4000), is_target) == 1


def test_normal_scores_err_as_the_normal_distribution_says():
    scores, is_target = random_scores(40_000, 40_000, shift=2.0)
    assert equal_error_rate(scores, is_target)[0] == pytest.approx(15.87, abs=0.4)  # Phi(-1)


def test_rates_run_from_one_end_to_the_other():
    thresholds, misses, false_alarms = error_rates(*random_scores())
    assert misses[0] == 0 and misses[-1] == 1 and false_alarms[0] == 1 and false_alarms[-1] == 0
    assert (np.diff(thresholds) > 0).all() and (np.diff(misses) >= 0).all() and (np.diff(false_alarms) <= 0).all()


def test_a_small_case_by_hand():
    scores, is_target = joined(np.array([0.9, 0.8, 0.3]), np.array([0.7, 0.2, 0.1]))
    rate, threshold = equal_error_rate(scores, is_target)
    assert rate == pytest.approx(100 / 3) and threshold == pytest.approx(0.7)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("figure", [equal_error_rate, minimum_detection_cost])
def test_scores_that_are_no_numbers_have_no_figure(figure, value):
    scores, is_target = random_scores()
    for broken in ([0], slice(None)):
        spoilt = scores.copy()
        spoilt[broken] = value
        with pytest.raises(InputError, match=f"{np.sum(~np.isfinite(spoilt))} of 3400 scores"):
            figure(spoilt, is_target)


@pytest.mark.parametrize(("shift", "seed"), [(0.5, 1), (1.0, 2), (3.0, 3)])
def test_agrees_with_speechbrain(shift, seed):
    import torch
    from speechbrain.utils.metric_stats import EER, minDCF

    scores, is_target = random_scores(300, 500, shift, seed)
    targets, others = (torch.tensor(scores[chosen]).float() for chosen in (is_target, ~is_target))
    theirs, their_threshold = EER(targets, others)
    rate, threshold = equal_error_rate(scores, is_target)
    assert rate == pytest.approx(100 * theirs, abs=0.4)  # theirs does not go between thresholds
    assert threshold == pytest.approx(float(their_threshold), abs=0.05)
    their_cost, _ = minDCF(targets, others, c_miss=1.0, c_fa=1.0, p_target=0.01)
    assert minimum_detection_cost(scores, is_target) == pytest.approx(float(their_cost) / 0.01, abs=0.01)


def test_all_pairs():
    trials = Trials.all_pairs(["a", "a", "b", "a"])
    assert list(zip(trials.left, trials.right, strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert trials.is_target.tolist() == [True, False, True, False, True, False]


@settings(deadline=None)
@given(arrays(np.float64, (4, 3), elements=FIGURES), st.floats(0.01, 100))
def test_cosine_scores(embeddings, scale):
    trials = Trials.all_pairs([0, 0, 1, 1])
    scores = trials.scores(embeddings)
    assert (np.abs(scores) <= 1 + 1e-9).all() and np.isfinite(scores).all()
    np.testing.assert_allclose(trials.scores(scale * embeddings), scores, atol=1e-9)


def test_cosine_scores_by_hand():
    embeddings = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]])
    trials = Trials(np.array([0, 0, 0]), np.array([1, 2, 3]), np.array([True, False, False]))
    np.testing.assert_allclose(trials.scores(embeddings), [1, 0, -1], atol=1e-12)


def spread(num_speakers, num_takes=6, noise=1.0, seed=0):
    """Embeddings (U, 8) about a centre for each speaker, and the speakers."""
    generator = np.random.default_rng(seed)
    speakers = np.repeat(np.arange(num_speakers), num_takes)
    centres = generator.standard_normal((num_speakers, 8))
    return centres[speakers] + noise * generator.standard_normal((len(speakers), 8)), speakers.tolist()


def rate_of(scores, is_target):
    return equal_error_rate(scores, is_target)[0]


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_the_figure_and_shrink_with_more_speakers(seed):
    widths = []
    for num_speakers in (6, 40):
        embeddings, speakers = spread(num_speakers, seed=seed)
        trials = Trials.all_pairs(speakers)
        scores = trials.scores(embeddings)
        low, high = speaker_interval(rate_of, scores, trials, speakers, num_draws=100)
        assert low <= rate_of(scores, trials.is_target) <= high
        assert (low, high) == speaker_interval(rate_of, scores, trials, speakers, num_draws=100), "keyed by a seed"
        widths.append(high - low)
    assert 0 < widths[1] < widths[0]


def test_intervals_draw_whole_speakers():
    """Pairs of one hard speaker come and go together: the interval is far wider than that of single pairs."""
    embeddings, speakers = spread(8, noise=0.3)
    embeddings[:6] = np.random.default_rng(1).standard_normal((6, 8))
    trials = Trials.all_pairs(speakers)
    scores = trials.scores(embeddings)
    low, high = speaker_interval(rate_of, scores, trials, speakers, num_draws=100)
    assert low < 0.5 * rate_of(scores, trials.is_target) and high > 1.3 * rate_of(scores, trials.is_target)


def test_figures_have_one_row_a_kind():
    embeddings, speakers = spread(6)
    rows = verification_figures({"good": embeddings, "noise": np.eye(36)}, Trials.all_pairs(speakers), speakers)
    assert [row["name"] for row in rows] == ["good", "noise"]
    for row in rows:
        assert row.keys() == {"name", "eer", "low", "high", "min_dcf", "threshold"}
        assert all(isinstance(row[name], float) for name in row.keys() - {"name"}), "json takes no numpy"
    assert rows[0]["eer"] < 40 and rows[1]["eer"] == pytest.approx(50)
