"""SPYL: the contrast against known values, which sequences are negatives, and the views that the model predicts."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from vcdisent.batches import Batch
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.spyl import SIGNS, SPYLObjective, contrast, draw_trajectories, farthest

WEIGHTS = dict.fromkeys(SIGNS, 1.0)


def objective(**settings: float) -> SPYLObjective:
    """The objective with all weights 1, its contrastive terms from the first step."""
    return SPYLObjective(WEIGHTS, **{"start_step": 0, **settings})


def test_a_perfect_positive_among_orthogonal_negatives() -> None:
    anchors = torch.eye(6)[:2]
    negatives = torch.eye(6)[2:].expand(2, 4, 6)
    expected = 2.0 - math.log(math.exp(2.0) + 4) + math.log(5)
    torch.testing.assert_close(contrast(anchors, 7 * anchors, negatives, 0.5), torch.tensor(expected))


def test_codes_that_tell_nothing_read_at_most_0() -> None:
    generator = torch.Generator().manual_seed(1)
    anchors, positives = torch.randn(2, 2000, 8, generator=generator)
    negatives = torch.randn(2000, 16, 8, generator=generator)
    assert contrast(anchors, positives, negatives, 0.5) < 0.02
    same = torch.ones(3, 2)
    torch.testing.assert_close(contrast(same, same, same.expand(3, 3, 2), 0.5), torch.tensor(0.0))


def test_the_negatives_are_the_farthest_by_kl() -> None:
    anchors = Gaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    means = torch.tensor([[0.1, 0.0], [3.0, 0.0], [0.0, 0.0], [2.0, 2.0]])
    bank = Gaussian(means, torch.tensor([[0.0, 0.0], [0.0, 0.0], [-4.0, -4.0], [4.0, 4.0]]))
    divergences = anchors.kl(bank).sum(-1)
    assert farthest(anchors, bank, 4).tolist() == [divergences.argsort(descending=True).tolist()]
    assert farthest(anchors, bank, 2).tolist() == [[2, 1]], "narrow ones are far from all; a wide one is near"


def count_rows(module: nn.Module) -> list[int]:
    """Sequences that each call of `module` sees, as a list that fills."""
    rows: list[int] = []
    module.register_forward_hook(lambda _, inputs, __: rows.append(len(inputs[0])))
    return rows


def test_nothing_is_predicted_before_the_start(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model = make_model()
    rows = count_rows(model.encoder)
    before = objective(start_step=1)(model, batch)
    assert before["mi_static"] == before["mi_dynamic"] == 0 and rows == [5]
    after = objective(start_step=1)(model, replace(batch, keyed=replace(batch.keyed, step=1)))
    assert after["mi_static"] != 0 and after["mi_dynamic"] != 0
    assert rows == [5, 5, 20, 10], "four drawn sequences for each, and two views"
    assert list(before) == list(after) == [*SIGNS, "loss"]


def test_a_decoder_of_nothing_but_s_gives_s_away(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    """Views that share s and look alike read near the cap; views whose z cannot be heard read nothing of z."""
    model = make_model()
    torch.manual_seed(1)
    model.static_posterior.forward = lambda codes, lengths=None: Gaussian(
        codes.mean(1)[:, :6], torch.zeros(len(codes), 6)
    )
    model.encoder.forward = lambda x: x
    model.decoder.forward = lambda code: torch.cat([code[..., :6], torch.zeros(*code.shape[:2], 6)], dim=-1)
    model.dynamic_posterior.forward = lambda codes, lengths=None, normal=None: Gaussian(
        codes[..., 6:10] + 1e-3, torch.zeros(*codes.shape[:2], 4)
    )
    terms = objective()(model, batch)
    num_negatives = 10
    cap = 2.0 - math.log(math.exp(2.0) + num_negatives * math.exp(-2.0)) + math.log(num_negatives + 1)
    assert 0.5 * cap < terms["mi_static"] < cap
    assert terms["mi_dynamic"] < 1e-3


def test_positives_teach_the_model_and_negatives_do_not_teach_the_prior_of_s(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    terms = objective()(model, batch)
    terms["mi_static"].backward(retain_graph=True)
    reached = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert {"encoder", "decoder", "static_posterior", "prior"} <= reached
    assert "dynamic_posterior" not in reached


@pytest.mark.parametrize("num_ranks", [2])
def test_trajectories_are_the_same_on_any_number_of_ranks(
    make_model: Callable[..., SequenceVAE], batch: Batch, num_ranks: int
) -> None:
    model = make_model()
    whole = draw_trajectories(model, 4, 8, 6, batch.keyed.normal)
    shares = [replace(batch.keyed, rank=rank, num_ranks=num_ranks) for rank in range(num_ranks)]
    parts = [draw_trajectories(model, 2, 4, 6, share.normal) for share in shares]
    torch.testing.assert_close(torch.cat([part[:2] for part in parts] + [part[2:] for part in parts]), whole)
