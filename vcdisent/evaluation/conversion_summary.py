"""Means over scored conversions, with intervals."""

from collections.abc import Sequence

import numpy as np

from vcdisent.evaluation.conversion import Row
from vcdisent.evaluation.verification import equal_error_rate

WEIGHTS = {
    "wer": "num_words",
    "wer_capped": "num_words",
    "cer": "num_words",
    "wer_text": "num_words_text",
    "source_wer_text": "num_words_text",
    "per": "num_phones",
}
"""By which column an error rate counts: errors over words, not the mean of ratios."""


def summarise(rows: Sequence[Row], num_draws: int = 1000, seed: int = 0) -> dict[str, dict[str, float]]:
    """Mean of each column of numbers with its 95% bootstrap interval; rows of one group are drawn together.

    Error rates are weighted by the length of their references.

    Returns:
        By column, `mean`, `low`, `high` and `num_rows`, the rows that have a value. Another, `eer_real`, is the equal
        error rate at which real recordings of the targets are told from converted ones by their similarity: 50% is the
        best that a conversion can do.

    Raises:
        ValueError: There are no rows.
    """
    if not rows:
        raise ValueError("no conversions to summarise")
    draws = _draws(rows, num_draws, seed)
    columns = [name for name in rows[0] if name not in ("name", "group", *WEIGHTS.values())]
    summary = {name: _interval(rows, name, draws) for name in columns if any(row[name] is not None for row in rows)}
    return summary | ({"eer_real": _eer_real(rows, draws)} if "similarity_real" in summary else {})


def _draws(rows: Sequence[Row], num_draws: int, seed: int) -> np.ndarray:
    """How often each row is in each draw (num_draws, len(rows)): groups are drawn with replacement."""
    keys = [row["group"] or f"row {index}" for index, row in enumerate(rows)]
    _, group_of_row = np.unique(keys, return_inverse=True)
    num_groups = group_of_row.max() + 1
    chosen = np.random.default_rng(seed).integers(num_groups, size=(num_draws, num_groups))
    counts = np.stack([np.bincount(draw, minlength=num_groups) for draw in chosen])
    return counts[:, group_of_row]


def _eer_real(rows: Sequence[Row], draws: np.ndarray) -> dict[str, float]:
    known = [row for row in rows if row["similarity_real"] is not None]
    scores = np.array([[row["similarity_real"], row["similarity_imposed"]] for row in known])
    is_known = np.array([row["similarity_real"] is not None for row in rows])

    def rate(counts: np.ndarray) -> float:
        """Where each row is drawn so often."""
        drawn = np.repeat(scores, counts, axis=0)
        return equal_error_rate(drawn.T.ravel(), np.repeat([True, False], len(drawn)))[0]

    drawn_rates = [rate(counts) for counts in draws[:, is_known] if counts.any()]
    low, high = np.percentile(drawn_rates, [2.5, 97.5])
    mean = rate(np.ones(len(known), int))
    return {"mean": mean, "low": float(low), "high": float(high), "num_rows": len(known)}


def _interval(rows: Sequence[Row], name: str, draws: np.ndarray) -> dict[str, float]:
    has_value = np.array([row[name] is not None for row in rows])
    values = np.array([float(row[name]) for row in rows if row[name] is not None])
    weights = np.array([row[WEIGHTS[name]] if name in WEIGHTS else 1.0 for row in rows])[has_value]
    drawn = draws[:, has_value] * weights
    drawn = drawn[drawn.sum(axis=1) > 0]
    low, high = np.percentile(drawn @ values / drawn.sum(axis=1), [2.5, 97.5])
    mean = float(np.average(values, weights=weights))
    return {"mean": mean, "low": float(low), "high": float(high), "num_rows": int(has_value.sum())}
