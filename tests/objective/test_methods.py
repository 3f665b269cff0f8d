"""Every method of the paper is one yaml, and trains."""

from pathlib import Path

import pytest
import torch
import yaml

import vcdisent.conf
from vcdisent.augment.keep_static import Shuffle
from vcdisent.batches import Batch, Keyed
from vcdisent.config import build, compose

CONF = Path(vcdisent.conf.__file__).parent
TINY = [
    *("out=nowhere", "num_bins=12", "model.static_size=6", "model.segment_frames=8", "model.encoder.num_features=16"),
    *("model.static_posterior.num_hidden=8", "model.dynamic_posterior.num_hidden=8", "model.prior.dynamic_size=4"),
    *("model.prior.num_hidden=8", "model.decoder.num_features=16"),
]
BOUND = {"log_likelihood", "kl_static", "kl_dynamic"}
METHODS = {  # what a step of each estimates
    "objective=dsvae": set(),
    "objective=cdsvae": {"mi_static", "mi_dynamic", "mi_cross"},
    "objective=cdsvae_mws": {"mi_static", "mi_dynamic", "mi_cross"},
    "objective=no_keep_static_view": {"mi_dynamic", "mi_cross"},
    "objective=no_keep_dynamic_view": {"mi_static", "mi_cross"},
    "objective=no_mi_cross": {"mi_static", "mi_dynamic"},
    "experiment=autoregressive": {"mi_static", "mi_dynamic", "mi_cross"},
    "mi_cross=club": {"mi_static", "mi_dynamic", "mi_cross", "mi_cross_fit"},
    "mi_cross=sequence_club": {"mi_static", "mi_dynamic", "mi_cross", "mi_cross_fit"},
    "mi_dynamic.memory=8": {"mi_static", "mi_dynamic", "mi_cross"},
}


def tiny_batch(step: int) -> Batch:
    """Sequences of 12 bins, each with a level of its own."""
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(5, 8, 12, generator=generator) + torch.randn(5, 1, 12, generator=generator)
    x_dynamic = x + 0.3 * torch.randn(5, 1, 12, generator=generator)
    keyed = Keyed(seed=0, step=step, device=torch.device("cpu"))
    return Batch(x, Shuffle().order(5, 8, generator), x_dynamic, torch.zeros(5, dtype=torch.long), keyed)


@pytest.mark.parametrize("method", METHODS)
def test_two_steps_of_each_method_lower_its_loss(method: str) -> None:
    torch.manual_seed(0)
    composed = compose([*TINY, method])
    model, objective = build(composed["model"]), build(composed["objective"])
    optimiser = torch.optim.Adam([*model.parameters(), *objective.parameters()], 0.01)
    losses = []
    for _ in range(3):
        terms = objective(model, tiny_batch(0))
        assert terms.keys() == {*BOUND, *METHODS[method], "loss"}
        optimiser.zero_grad()
        terms["loss"].backward()
        optimiser.step()
        losses.append(terms["loss"].item())
    assert losses[2] < losses[0]


def test_a_method_holds_only_what_differs() -> None:
    paper = yaml.safe_load((CONF / "objective" / "cdsvae.yaml").read_text())["weights"]
    for name in ("dsvae", "cdsvae_mws", "no_keep_static_view", "no_keep_dynamic_view", "no_mi_cross"):
        own = yaml.safe_load((CONF / "objective" / f"{name}.yaml").read_text())
        assert own.keys() <= {"defaults", "weights"}
        assert all(value != paper[weight] for weight, value in own.get("weights", {}).items()), name


def test_minibatch_weighted_in_place_of_contrastive() -> None:
    estimators = compose([*TINY, "objective=cdsvae_mws"])["objective"]["estimators"]
    assert [estimators[name]["kind"] for name in ("mi_static", "mi_dynamic")] == ["MinibatchWeighted"] * 2


def test_sizes_of_codes_follow_the_model() -> None:
    estimators = compose([*TINY, "mi_cross=sequence_club"])["objective"]["estimators"]
    assert estimators["mi_static"]["code_shape"] == [6] and estimators["mi_dynamic"]["code_shape"] == [8, 4]
    assert (estimators["mi_cross"]["static_size"], estimators["mi_cross"]["dynamic_size"]) == (6, 4)
