"""How terms add up, and which weights are refused."""

import pytest
import torch

from vcdisent.errors import InputError
from vcdisent.objective.weighting import Weighting

SIGNS = {"log_likelihood": 1.0, "kl_static": -1.0, "triplet": -1.0}


def test_the_loss_is_minus_the_weighted_sum_and_leaves_out_what_has_no_weight() -> None:
    weighting = Weighting(SIGNS, {"log_likelihood": 2.0, "kl_static": 0.5, "triplet": 0.0})
    terms = {name: torch.tensor(value) for name, value in (("log_likelihood", -7.0), ("kl_static", 4.0))}
    terms["triplet"] = torch.tensor(torch.nan)
    summed = weighting.with_loss(terms)
    assert summed["loss"] == 2 * 7 + 0.5 * 4
    assert list(summed) == ["log_likelihood", "kl_static", "triplet", "loss"]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"log_likelihood": 1, "kl_static": 1, "triplet": 1, "volume": 1}, "'volume' is no term"),
        ({"log_likelihood": 1, "kl_static": 1}, "'triplet' has no weight"),
        ({"log_likelihood": 0, "kl_static": 0, "triplet": 0}, "all weights are 0"),
    ],
)
def test_weights_that_make_no_sense_are_refused_in_one_line(weights: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        Weighting(SIGNS, weights)
    assert "\n" not in str(refused.value)
