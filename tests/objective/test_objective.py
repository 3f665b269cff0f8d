"""The objective: equation 6 term by term, and no more work than it needs."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.config import build, compose
from vcdisent.errors import InputError
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.contrastive import contrastive_information
from vcdisent.objective.minibatch_weighted import cross_information
from vcdisent.objective.objective import DisentanglingObjective

WEIGHTS = {
    "log_likelihood": 1.0,
    "kl_static": 0.5,
    "kl_dynamic": 0.7,
    "mi_static": 10.0,
    "mi_dynamic": 8.0,
    "mi_cross": 2.0,
}
POSTERIORS = ["BidirectionalPosterior", "AutoregressivePosterior"]


def count_rows(module: nn.Module) -> list[int]:
    """Sequences that each call of `module` sees, as a list that fills."""
    rows: list[int] = []
    module.register_forward_hook(lambda _, inputs, __: rows.append(len(inputs[0])))
    return rows


def on(batch: Batch, device: torch.device) -> Batch:
    """The same batch on another device."""
    return Batch(
        batch.x.to(device),
        batch.order.to(device),
        batch.x_dynamic.to(device),
        batch.speakers.to(device),
        replace(batch.keyed, device=device),
    )


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_the_loss_is_minus_equation_6(make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str) -> None:
    terms = DisentanglingObjective(WEIGHTS)(make_model(posterior), batch)
    assert list(terms) == [*WEIGHTS, "loss"]
    assert all(term.shape == () and term.isfinite() for term in terms.values())
    bound = terms["log_likelihood"] - 0.5 * terms["kl_static"] - 0.7 * terms["kl_dynamic"]
    information = 10 * terms["mi_static"] + 8 * terms["mi_dynamic"] - 2 * terms["mi_cross"]
    torch.testing.assert_close(terms["loss"], -(bound + information))
    assert terms["log_likelihood"] < 0 < terms["kl_static"] and terms["kl_dynamic"] > 0


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_each_term_is_that_of_the_codes(make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str) -> None:
    model, normal = make_model(posterior), batch.keyed.normal
    terms = DisentanglingObjective(WEIGHTS, temperature=0.3, negatives="same_view")(model, batch)
    sampled, by_means = model.encode(batch.x, normal=normal), model.encode(batch.x)
    shuffled, warped = model.encode(reorder(batch.x, batch.order)), model.encode(batch.x_dynamic)
    s = sampled.static.sample(normal("static", (5, 6)))
    z = sampled.dynamic.sample(normal("dynamic", (5, 8, 4)))
    expected = {
        "log_likelihood": elbo.log_likelihood(batch.x, model.decode(s, z)),
        "kl_static": elbo.kl_static(sampled.static),
        "kl_dynamic": elbo.kl_dynamic(sampled.dynamic, model.prior(z)),
        "mi_static": contrastive_information(by_means.static.mean, shuffled.static.mean, 0.3, "same_view"),
        "mi_dynamic": contrastive_information(by_means.dynamic.mean, warped.dynamic.mean, 0.3, "same_view"),
        "mi_cross": cross_information(sampled.static, s, sampled.dynamic, z),
    }
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value, atol=1e-4, rtol=1e-4)


def test_views_are_never_decoded_and_shuffled_frames_never_encoded_again(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    encoded, decoded = count_rows(model.encoder), count_rows(model.decoder)
    static, dynamic, prior = (count_rows(m) for m in (model.static_posterior, model.dynamic_posterior, model.prior))
    DisentanglingObjective(WEIGHTS)(model, batch)
    assert (encoded, decoded) == ([10], [5])
    assert (static, dynamic, prior) == ([10], [10], [5])


def test_a_weight_of_zero_leaves_a_term_out(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    objective = build(compose(["objective=dsvae", "out=nowhere"])["objective"])
    model = make_model()
    encoded, static = count_rows(model.encoder), count_rows(model.static_posterior)
    terms = objective(model, batch)
    assert (encoded, static) == ([5], [5])
    assert "mi_static" not in terms
    assert "mi_dynamic" not in terms
    torch.testing.assert_close(terms["loss"], terms["kl_static"] + terms["kl_dynamic"] - terms["log_likelihood"])


@pytest.mark.parametrize(("name", "rows"), [("mi_static", ([5], [10], [5])), ("mi_dynamic", ([10], [5], [10]))])
def test_only_the_wanted_view_is_encoded(
    make_model: Callable[..., SequenceVAE], batch: Batch, name: str, rows: tuple[list[int], ...]
) -> None:
    model = make_model()
    counted = tuple(count_rows(m) for m in (model.encoder, model.static_posterior, model.dynamic_posterior))
    terms = DisentanglingObjective({**dict.fromkeys(WEIGHTS, 0.0), "log_likelihood": 1.0, name: 1.0})(model, batch)
    assert {"mi_static", "mi_dynamic"} & terms.keys() == {name}
    assert counted == rows


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({**WEIGHTS, "mi_statik": 1.0}, "'mi_statik' is no term"),
        ({name: weight for name, weight in WEIGHTS.items() if name != "mi_cross"}, "'mi_cross' has no weight"),
        ({}, "has no weight"),
        (dict.fromkeys(WEIGHTS, 0), "all weights are 0"),
    ],
)
def test_every_term_has_a_weight_and_one_is_not_zero(weights: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        DisentanglingObjective(weights)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_gradients_reach_every_weight(make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str) -> None:
    model = make_model(posterior)
    DisentanglingObjective(WEIGHTS)(model, batch)["loss"].backward()
    without = [
        name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.abs().sum() > 0
    ]
    assert without == []


@pytest.mark.parametrize("instance_norm", [False, True])
@pytest.mark.parametrize("posterior", POSTERIORS)
@pytest.mark.parametrize(
    ("device", "precision"),
    [
        ("cpu", torch.float32),
        pytest.param("cuda", torch.float32, marks=pytest.mark.requires_cuda),
        pytest.param("cuda", torch.bfloat16, marks=pytest.mark.requires_cuda),
    ],
)
def test_training_steps_lower_the_loss(
    make_model: Callable[..., SequenceVAE],
    batch: Batch,
    posterior: str,
    instance_norm: bool,
    device: str,
    precision: torch.dtype,
) -> None:
    model, objective = make_model(posterior, instance_norm).to(device), DisentanglingObjective(WEIGHTS)
    batch = on(batch, torch.device(device))
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(8):
        with torch.autocast(device, torch.bfloat16, enabled=precision == torch.bfloat16):
            terms = objective(model, batch)
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append(terms["loss"].item())
    assert all(map(math.isfinite, losses))
    assert losses[-1] < losses[0] - 10


def test_the_same_batch_has_the_same_loss(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model, objective = make_model("AutoregressivePosterior"), DisentanglingObjective(WEIGHTS)
    assert torch.equal(objective(model, batch)["loss"], objective(model, batch)["loss"])
