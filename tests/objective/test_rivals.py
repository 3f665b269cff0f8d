"""Each rival by its yaml: it builds, is keyed, teaches all of the model, and learns."""

from dataclasses import replace

import pytest
import torch

from vcdisent.batches import Batch
from vcdisent.config import build, compose
from vcdisent.model.single_frame_posterior import DifferencePosterior, SingleFramePosterior

RIVALS = ["s3vae", "rwae", "spyl", "dbse"]
SMALL = [
    *("num_bins=12", "model.static_size=6", "model.prior.dynamic_size=4", "model.segment_frames=8"),
    *("model.encoder.num_features=16", "model.decoder.num_features=16", "model.prior.num_hidden=8"),
]
POSTERIORS = {"dbse": ["single_frame.num_hidden=8", "difference.num_hidden=8"]}
USUAL = ["model.static_posterior.num_hidden=8", "model.dynamic_posterior.num_hidden=8"]


@pytest.fixture(params=RIVALS)
def rival(request: pytest.FixtureRequest) -> tuple[torch.nn.Module, torch.nn.Module]:
    """A small model and the objective of a rival, its terms all there from the first step."""
    torch.manual_seed(0)
    late = ["objective.start_step=0"] if request.param == "spyl" else []
    posteriors = POSTERIORS.get(request.param, USUAL)
    composed = compose([f"objective={request.param}", *SMALL, *posteriors, *late])
    return build(composed["model"]), build(composed["objective"])


def test_two_steps_teach_every_weight_and_lower_the_loss(
    rival: tuple[torch.nn.Module, torch.nn.Module], batch: Batch
) -> None:
    model, objective = rival
    parameters = [*model.parameters(), *objective.parameters()]
    optimiser = torch.optim.SGD(parameters, 1e-4)
    losses = []
    for _ in range(3):
        terms = objective(model, batch)
        assert all(term.shape == () and term.isfinite() for term in terms.values())
        losses.append(float(terms["loss"].detach()))
        optimiser.zero_grad()
        terms["loss"].backward()
        assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
    assert losses[2] < losses[0]


def test_its_randomness_is_that_of_the_step(rival: tuple[torch.nn.Module, torch.nn.Module], batch: Batch) -> None:
    model, objective = rival
    first = objective(model, batch)
    torch.manual_seed(9)
    again, other = objective(model, batch), objective(model, replace(batch, keyed=replace(batch.keyed, step=7)))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert first["log_likelihood"] != other["log_likelihood"]


def test_the_model_of_all_but_dbse_is_that_of_every_method() -> None:
    models = {name: compose([f"objective={name}", *SMALL])["model"] for name in ["dsvae", *RIVALS]}
    assert models["s3vae"] == models["rwae"] == models["spyl"] == models["dsvae"]
    changed = {part for part in models["dbse"] if models["dbse"][part] != models["dsvae"][part]}
    assert changed == {"static_posterior", "dynamic_posterior"}


@pytest.mark.parametrize("posterior", ["bidirectional", "autoregressive"])
def test_dbse_has_its_own_posteriors_whatever_is_asked_for(posterior: str) -> None:
    model = build(compose(["objective=dbse", f"posterior={posterior}", *SMALL])["model"])
    assert isinstance(model.static_posterior, SingleFramePosterior)
    assert isinstance(model.dynamic_posterior, DifferencePosterior) and not model.dynamic_posterior.instance_norm
