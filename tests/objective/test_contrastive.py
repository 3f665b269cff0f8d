"""Contrastive estimates where the truth is known, and where it is counted by hand."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from vcdisent.errors import InputError
from vcdisent.model.gaussian import Gaussian
from vcdisent.objective.codes import Codes
from vcdisent.objective.contrastive import Contrastive, Negatives, contrastive_information, information_from_scores

BOTH: list[Negatives] = ["both_views", "same_view"]


def num_negatives(batch_size: int, negatives: Negatives) -> int:
    return 2 * (batch_size - 1) if negatives == "both_views" else batch_size - 1


def pairs(correlation: float, size: int, num_dimensions: int, seed: int) -> tuple[Tensor, Tensor]:
    """Standard normal x and y (B, D), each dimension of y correlated with that of x."""
    x, noise = torch.randn(2, size, num_dimensions, generator=torch.Generator().manual_seed(seed))
    return x, correlation * x + math.sqrt(1 - correlation**2) * noise


def analytic_critic(x: Tensor, y: Tensor, correlation: float) -> Tensor:
    """log p(b | a) - log p(b) (2B, 2B) between all codes of both views."""
    codes = torch.cat([x, y])
    a, b = codes.unsqueeze(1), codes.unsqueeze(0)
    variance = 1 - correlation**2
    log_ratio = -0.5 * ((b - correlation * a) ** 2 / variance + math.log(variance) - b**2)
    return log_ratio.sum(-1)


@pytest.mark.parametrize("negatives", BOTH)
@pytest.mark.parametrize(("correlation", "num_dimensions"), [(0.5, 1), (0.7, 2), (0.8, 3)])
def test_the_analytic_critic_reads_the_true_information(
    correlation: float, num_dimensions: int, negatives: Negatives
) -> None:
    truth = -0.5 * num_dimensions * math.log(1 - correlation**2)  # 0.14, 0.67 and 1.53 nats; log(n + 1) is above 5
    readings = []
    for seed in range(6):
        x, y = pairs(correlation, 256, num_dimensions, seed)
        readings.append(information_from_scores(analytic_critic(x, y, correlation), negatives))
    assert torch.stack(readings).mean().item() == pytest.approx(truth, abs=0.08)


@pytest.mark.parametrize("negatives", BOTH)
def test_independent_pairs_read_nothing(negatives: Negatives) -> None:
    readings = torch.stack(
        [contrastive_information(*pairs(0.0, 32, 8, seed), negatives=negatives) for seed in range(40)]
    )
    assert readings.mean() <= 2 * readings.std() / math.sqrt(len(readings))


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 9), scale=st.floats(0, 50), seed=st.integers(0, 1000))
@pytest.mark.parametrize("negatives", BOTH)
def test_no_critic_reads_more_than_its_cap(negatives: Negatives, size: int, scale: float, seed: int) -> None:
    log_phi = scale * torch.randn(2 * size, 2 * size, generator=torch.Generator().manual_seed(seed))
    cap = math.log(num_negatives(size, negatives) + 1)
    assert information_from_scores(log_phi, negatives) <= cap + 1e-5


def test_two_pairs_counted_by_hand() -> None:
    phi = torch.tensor(  # codes a1, a2, b1, b2; the positives are a1-b1 and a2-b2
        [
            [99.0, 2.0, 4.0, 3.0],
            [1.0, 99.0, 5.0, 6.0],
            [3.0, 7.0, 99.0, 2.0],
            [4.0, 1.0, 3.0, 99.0],
        ]
    )
    both = (math.log(4 / 9) + math.log(6 / 12) + math.log(3 / 12) + math.log(1 / 8)) / 4 + math.log(3)
    same = (math.log(4 / 6) + math.log(6 / 7) + math.log(3 / 5) + math.log(1 / 4)) / 4 + math.log(2)
    assert information_from_scores(phi.log(), "both_views").item() == pytest.approx(both, abs=1e-5)
    assert information_from_scores(phi.log(), "same_view").item() == pytest.approx(same, abs=1e-5)


@pytest.mark.parametrize("negatives", BOTH)
@pytest.mark.parametrize("temperature", [0.5, 0.1])
def test_perfect_codes_reach_the_bound_of_the_temperature(negatives: Negatives, temperature: float) -> None:
    codes = torch.eye(6).reshape(6, 2, 3)  # flattened over time
    n = num_negatives(6, negatives)
    bound = 1 / temperature - math.log(math.exp(1 / temperature) + n) + math.log(n + 1)
    information = contrastive_information(codes, 3 * codes, temperature, negatives)
    assert information.item() == pytest.approx(bound, abs=1e-4)


@pytest.mark.parametrize("negatives", BOTH)
def test_views_trade_places_and_lengths_do_not_count(negatives: Negatives) -> None:
    codes, view = torch.randn(2, 5, 4, 3, generator=torch.Generator().manual_seed(0))
    information = contrastive_information(codes, view, negatives=negatives)
    torch.testing.assert_close(contrastive_information(view, codes, negatives=negatives), information)
    torch.testing.assert_close(contrastive_information(5 * codes, 0.1 * view, negatives=negatives), information)
    assert contrastive_information(codes, codes, negatives=negatives) > information


def test_gradients_bring_a_code_and_its_view_together() -> None:
    codes, view = (torch.nn.Parameter(codes) for codes in pairs(0.3, 8, 4, 0))
    before = contrastive_information(codes, view)
    before.backward()
    after = contrastive_information(codes + 0.5 * codes.grad, view + 0.5 * view.grad)
    assert after > before


def test_cosines_keep_their_precision_where_products_are_in_bfloat16() -> None:
    codes, view = pairs(0.9, 16, 8, 0)
    with torch.autocast("cpu", torch.bfloat16):
        reading = contrastive_information(codes, view, 0.1)
    torch.testing.assert_close(reading, contrastive_information(codes, view, 0.1))


def codes_of(pair: tuple[Tensor, Tensor]) -> Codes:
    """What an estimator is given, of which this one looks at the pair alone."""
    return Codes(Gaussian(pair[0], torch.zeros_like(pair[0])), pair[0], pair)


def test_the_estimator_is_the_function_without_a_memory() -> None:
    pair = pairs(0.6, 8, 6, 0)
    reading = Contrastive([6], 0.2, "same_view")(codes_of(pair))
    torch.testing.assert_close(reading, contrastive_information(*pair, 0.2, "same_view"))


@pytest.mark.parametrize("negatives", BOTH)
def test_a_memory_raises_the_cap_to_what_it_holds(negatives: Negatives) -> None:
    """Codes that tell all sequences apart, at a temperature that lets the estimate reach its cap."""
    estimator = Contrastive([64], 0.01, negatives, memory=20)
    sequences = torch.eye(64).split(8)
    in_batch = num_negatives(8, negatives)
    for num_past, codes in zip(
        (0, 16, 20, 20), sequences, strict=False
    ):  # two views of eight codes fill sixteen places
        reading = estimator(codes_of((codes, codes)))
        assert reading.item() == pytest.approx(math.log(in_batch + num_past + 1), abs=1e-3)


def test_past_codes_count_as_those_of_a_larger_batch_do() -> None:
    now, past = pairs(0.6, 4, 6, 0), pairs(0.6, 5, 6, 1)
    estimator = Contrastive([6], memory=10)
    estimator(codes_of(past))
    reading = estimator(codes_of(now))
    anchors = functional.normalize(torch.cat([*now, *past]), dim=1)
    scores = (anchors @ anchors.T / 0.5)[:8].masked_fill(torch.eye(18, dtype=torch.bool)[:8], -torch.inf)
    rows = torch.arange(8)
    expected = scores.log_softmax(1)[rows, (rows + 4) % 8].mean() + math.log(17)
    torch.testing.assert_close(reading, expected)


def test_independent_pairs_read_nothing_with_a_memory() -> None:
    estimator = Contrastive([8], memory=256)
    readings = torch.stack([estimator(codes_of(pairs(0.0, 32, 8, seed))) for seed in range(40)])
    assert readings.mean() <= 2 * readings.std() / math.sqrt(len(readings))


def test_with_a_memory_gradients_move_the_codes_of_this_step_alone() -> None:
    estimator = Contrastive([4], memory=8)
    steps = [tuple(torch.nn.Parameter(codes) for codes in pairs(0.5, 4, 4, seed)) for seed in range(2)]
    estimator(codes_of(steps[0]))
    estimator(codes_of(steps[1])).backward()
    assert all(codes.grad is None for codes in steps[0])
    assert all(codes.grad.abs().sum() > 0 for codes in steps[1])


def test_frames_count_alike_for_the_critic_of_frames() -> None:
    codes, view = torch.randn(2, 5, 4, 3, generator=torch.Generator().manual_seed(0))
    louder = codes * torch.tensor([100.0, 1.0, 1.0, 1.0])[None, :, None]  # one frame speaks for all
    by_frame = contrastive_information(codes, view, critic="frame")
    torch.testing.assert_close(contrastive_information(louder, view, critic="frame"), by_frame)
    assert not torch.isclose(contrastive_information(louder, view), contrastive_information(codes, view))
    anchors = torch.cat([codes, view])
    cosines = functional.cosine_similarity(anchors.unsqueeze(1), anchors.unsqueeze(0), dim=3).mean(2)
    torch.testing.assert_close(by_frame, information_from_scores(cosines / 0.5))


def test_a_code_of_one_vector_has_one_frame() -> None:
    codes, view = pairs(0.5, 6, 4, 0)
    torch.testing.assert_close(
        contrastive_information(codes, view, critic="frame"), contrastive_information(codes, view)
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"negatives": "all"}, "both_views, same_view"),
        ({"critic": "word"}, "sequence, frame"),
        ({"temperature": 0.0}, "temperature above 0"),
        ({"memory": -1}, "memory of 0"),
    ],
)
def test_what_makes_no_sense_is_told(values: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Contrastive([4], **values)
