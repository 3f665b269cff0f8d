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
from vcdisent.objective.club import SequenceClub
from vcdisent.objective.contrastive import Contrastive, contrastive_information
from vcdisent.objective.minibatch_weighted import (
    CrossMinibatchWeighted,
    MinibatchWeighted,
    cross_information,
    sequence_information,
)
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


def objective(weights: dict[str, float] = WEIGHTS, context_frames: int = 0, **estimators: nn.Module) -> nn.Module:
    """The objective with the paper's estimators, or others under the names of their terms."""
    own = {"mi_static": Contrastive([6]), "mi_dynamic": Contrastive([8, 4]), "mi_cross": CrossMinibatchWeighted()}
    return DisentanglingObjective(weights, {**own, **estimators}, context_frames)


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
    terms = objective()(make_model(posterior), batch)
    assert list(terms) == [*WEIGHTS, "loss"]
    assert all(term.shape == () and term.isfinite() for term in terms.values())
    bound = terms["log_likelihood"] - 0.5 * terms["kl_static"] - 0.7 * terms["kl_dynamic"]
    information = 10 * terms["mi_static"] + 8 * terms["mi_dynamic"] - 2 * terms["mi_cross"]
    torch.testing.assert_close(terms["loss"], -(bound + information))
    assert terms["log_likelihood"] < 0 < terms["kl_static"] and terms["kl_dynamic"] > 0


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_each_term_is_that_of_the_codes(make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str) -> None:
    model, normal = make_model(posterior), batch.keyed.normal
    terms = objective(
        mi_static=Contrastive([6], 0.3, "same_view"), mi_dynamic=Contrastive([8, 4], 0.2, critic="frame")
    )(model, batch)
    sampled, by_means = model.encode(batch.x, normal=normal), model.encode(batch.x)
    shuffled, warped = model.encode(reorder(batch.x, batch.order)), model.encode(batch.x_dynamic)
    s = sampled.static.sample(normal("static", (5, 6)))
    z = sampled.dynamic.sample(normal("dynamic", (5, 8, 4)))
    expected = {
        "log_likelihood": elbo.log_likelihood(batch.x, model.decode(s, z)),
        "kl_static": elbo.kl_static(sampled.static),
        "kl_dynamic": elbo.kl_dynamic(sampled.dynamic, model.prior(z)),
        "mi_static": contrastive_information(by_means.static.mean, shuffled.static.mean, 0.3, "same_view"),
        "mi_dynamic": contrastive_information(by_means.dynamic.mean, warped.dynamic.mean, 0.2, critic="frame"),
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
    objective()(model, batch)
    assert (encoded, decoded) == ([5, 5], [5])
    assert (static, dynamic, prior) == ([10], [10], [5])


def test_a_weight_of_zero_leaves_a_term_out(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    plain = build(compose(["objective=dsvae", "out=nowhere"])["objective"])
    model = make_model()
    encoded, static = count_rows(model.encoder), count_rows(model.static_posterior)
    terms = plain(model, batch)
    assert (encoded, static) == ([5], [5])
    assert list(terms) == ["log_likelihood", "kl_static", "kl_dynamic", "loss"]
    torch.testing.assert_close(terms["loss"], terms["kl_static"] + terms["kl_dynamic"] - terms["log_likelihood"])


@pytest.mark.parametrize(("name", "rows"), [("mi_static", ([5], [10], [5])), ("mi_dynamic", ([5, 5], [5], [10]))])
def test_only_the_wanted_view_is_encoded(
    make_model: Callable[..., SequenceVAE], batch: Batch, name: str, rows: tuple[list[int], ...]
) -> None:
    model = make_model()
    counted = tuple(count_rows(m) for m in (model.encoder, model.static_posterior, model.dynamic_posterior))
    terms = objective({**dict.fromkeys(WEIGHTS, 0.0), "log_likelihood": 1.0, name: 1.0})(model, batch)
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
        objective(weights)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_gradients_reach_every_weight(make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str) -> None:
    model = make_model(posterior)
    objective()(model, batch)["loss"].backward()
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
    model, of_batch = make_model(posterior, instance_norm).to(device), objective()
    batch = on(batch, torch.device(device))
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(8):
        with torch.autocast(device, torch.bfloat16, enabled=precision == torch.bfloat16):
            terms = of_batch(model, batch)
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append(terms["loss"].item())
    assert all(map(math.isfinite, losses))
    assert losses[-1] < losses[0] - 10


def test_the_same_batch_has_the_same_loss(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model, of_batch = make_model("AutoregressivePosterior"), objective()
    assert torch.equal(of_batch(model, batch)["loss"], of_batch(model, batch)["loss"])


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_a_keep_static_view_of_other_frames_is_encoded(
    make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str
) -> None:
    model = make_model(posterior)
    other = replace(batch, order=None, x_static=batch.x.roll(1, 0) + 1)
    encoded = count_rows(model.encoder)
    terms = objective()(model, other)
    assert encoded == [5, 5, 5]
    means = model.encode(other.x).static.mean, model.encode(other.x_static).static.mean
    torch.testing.assert_close(terms["mi_static"], contrastive_information(*means))
    torch.testing.assert_close(terms["mi_dynamic"], objective()(model, batch)["mi_dynamic"])


def test_a_view_of_the_same_frames_is_the_same_by_order_and_by_frames(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    by_frames = objective()(model, replace(batch, order=None, x_static=reorder(batch.x, batch.order)))
    torch.testing.assert_close(by_frames, objective()(model, batch))


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_an_estimator_that_needs_no_view_has_none_encoded(
    make_model: Callable[..., SequenceVAE], batch: Batch, posterior: str
) -> None:
    model, normal = make_model(posterior), batch.keyed.normal
    counted = tuple(count_rows(m) for m in (model.encoder, model.static_posterior, model.dynamic_posterior))
    terms = objective(mi_static=MinibatchWeighted(), mi_dynamic=MinibatchWeighted())(model, batch)
    assert counted == ([5], [5], [5])
    static, dynamic = (getattr(model.encode(batch.x, normal=normal), half) for half in ("static", "dynamic"))
    s, z = static.sample(normal("static", (5, 6))), dynamic.sample(normal("dynamic", (5, 8, 4)))
    torch.testing.assert_close(terms["mi_static"], sequence_information(static, s))
    torch.testing.assert_close(terms["mi_dynamic"], sequence_information(dynamic, z))


def test_a_network_that_learns_along_adds_its_likelihood_to_the_loss(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model, of_batch = make_model(), objective(mi_cross=SequenceClub(6, 4, num_hidden=8))
    terms = of_batch(model, batch)
    assert list(terms) == [*WEIGHTS, "mi_cross_fit", "loss"]
    without = objective()(model, batch)
    expected = without["loss"] - 2 * without["mi_cross"] + 2 * terms["mi_cross"] - terms["mi_cross_fit"]
    torch.testing.assert_close(terms["loss"], expected)
    terms["loss"].backward()
    assert all(weight.grad.abs().sum() > 0 for weight in [*model.parameters(), *of_batch.parameters()])


def test_the_prior_is_given_the_context(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model = make_model()
    readings = [objective(context_frames=context)(model, batch)["kl_dynamic"].item() for context in (0, 3, 7)]
    assert readings == sorted(readings, reverse=True) and readings[0] > readings[2] > 0
    for context_frames in (8, -1):
        with pytest.raises(InputError, match="give 0 to 7"):
            objective(context_frames=context_frames)(model, batch)


def test_each_estimated_term_has_an_estimator() -> None:
    with pytest.raises(InputError, match="mi_static, mi_dynamic, mi_cross"):
        DisentanglingObjective(WEIGHTS, {"mi_static": Contrastive([6])})


def test_a_view_that_is_decoded_is_encoded_whatever_the_weights(make_model, batch) -> None:
    weights, estimators = WEIGHTS | {"mi_static": 0.0, "mi_dynamic": 0.0}, objective().estimators
    plain, decoding = (DisentanglingObjective(weights, estimators, decoded_views=share) for share in (0.0, 1.0))
    model = make_model()
    rows = count_rows(model.static_posterior)
    assert plain(model, batch)["kl_static"] != decoding(model, batch)["kl_static"]
    assert rows == [len(batch.x), 2 * len(batch.x)]
    with pytest.raises(InputError, match=r"decoded_views=1\.5 is no share"):
        DisentanglingObjective(weights, estimators, decoded_views=1.5)
