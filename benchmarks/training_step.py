"""Seconds per training step, against the same model with its prior looped over time and its views coded separately.

`python benchmarks/training_step.py --batch_size 16 model.segment_frames=50`: takes any override of the configuration.
"""

import argparse
import copy
from itertools import count
from pathlib import Path
from typing import Any

import torch
from timing import begin, compare, in_turns, options, print_table, see_that_equal
from torch import Tensor, nn

from vcdisent import config as configuration
from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch, FrameBank, Normaliser, SegmentBatches
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.prior import LSTMPrior
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.codes import Codes
from vcdisent.objective.objective import DisentanglingObjective
from vcdisent.training import checkpoint
from vcdisent.training.loop import Settings, Trainer

TOLERANCE = 1e-4


class LoopedPrior(nn.Module):
    """The prior with the same weights, its cells called once a frame."""

    def __init__(self, prior: LSTMPrior) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cell_of(prior.lstm, layer) for layer in range(prior.lstm.num_layers))
        self.head = prior.head

    def forward(self, dynamic: Tensor) -> Gaussian:
        """As `LSTMPrior.forward`."""
        states: list[Any] = [None] * len(self.cells)
        z, steps = torch.zeros_like(dynamic[:, 0]), []
        for after in dynamic.unbind(1):
            inputs = z
            for layer, cell in enumerate(self.cells):
                states[layer] = cell(inputs, states[layer])
                inputs = states[layer][0]
            steps.append(self.head(inputs))
            z = after
        return Gaussian(torch.stack([s.mean for s in steps], 1), torch.stack([s.log_variance for s in steps], 1))


def cell_of(lstm: nn.LSTM, layer: int) -> nn.LSTMCell:
    """A cell with the weights of one layer."""
    cell = nn.LSTMCell(lstm.input_size if layer == 0 else lstm.hidden_size, lstm.hidden_size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(lstm, f"{name}_l{layer}"))
    return cell


class SeparatePasses(DisentanglingObjective):
    """The same terms, each view taken through the whole encoder by itself; on request through prior and decoder too."""

    def __init__(self, decodes_views: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.decodes_views = decodes_views

    def forward(self, model: SequenceVAE, batch: Batch) -> dict[str, Tensor]:
        """As `DisentanglingObjective.forward`."""
        views = (batch.x, reorder(batch.x, batch.order), batch.x_dynamic)
        own, ordered, warped = posteriors = [model.encode(view) for view in views]
        passes = []
        for posterior in posteriors[: 3 if self.decodes_views else 1]:
            s = posterior.static.sample(batch.keyed.normal("static", tuple(posterior.static.mean.shape)))
            z = posterior.dynamic.sample(batch.keyed.normal("dynamic", tuple(posterior.dynamic.mean.shape)))
            passes.append((s, z, model.decode(s, z), model.prior(z)))
        s, z, decoded, prior = passes[0]
        static = Codes(own.static, s, (own.static.mean, ordered.static.mean))
        dynamic = Codes(own.dynamic, z, (own.dynamic.mean, warped.dynamic.mean))
        terms = {
            "log_likelihood": elbo.log_likelihood(batch.x, decoded),
            "kl_static": elbo.kl_static(own.static),
            "kl_dynamic": elbo.kl_dynamic(own.dynamic, prior),
            "mi_static": self.estimators["mi_static"](static),
            "mi_dynamic": self.estimators["mi_dynamic"](dynamic),
            **self.estimators["mi_cross"](static, dynamic),
        }
        return {**terms, "loss": self.loss(terms)}


def make_trainers(config: dict[str, Any], device: torch.device) -> dict[str, Trainer]:
    """The package's own trainer, and three that differ in what their names say; all begin with the same weights."""
    torch.manual_seed(config["seed"])
    model = configuration.build(config["model"])
    looped = copy.deepcopy(model)
    looped.prior = LoopedPrior(looped.prior)
    arguments = configuration.build({name: value for name, value in config["objective"].items() if name != "kind"})
    rivals = {
        "vcdisent": (model, configuration.build(config["objective"])),
        "prior looped over time": (looped, configuration.build(config["objective"])),
        "and views encoded in passes of their own": (looped, SeparatePasses(False, **arguments)),
        "and views decoded too": (looped, SeparatePasses(True, **arguments)),
    }
    batches = make_batches(config, model, device)
    settings = {name: value for name, value in config["trainer"].items() if name not in ("device", "batch_size")}
    return {
        name: Trainer(
            copy.deepcopy(rival).to(device), objective, batches, no_figures, no_figures, Path(), Settings(**settings)
        )
        for name, (rival, objective) in rivals.items()
    }


def no_figures(model: nn.Module) -> dict[str, Any]:  # noqa: ARG001
    """Neither dev nor pictures are looked at here."""
    return {}


def make_batches(config: dict[str, Any], model: SequenceVAE, device: torch.device) -> SegmentBatches:
    """Batches of noise: three segments in each of twice as many utterances as a batch needs."""
    num_utterances, num_frames = 2 * config["trainer"]["batch_size"], 3 * model.segment_frames
    frames = torch.randn(num_utterances * num_frames, config["num_bins"], device=device)
    starts = torch.arange(num_utterances) * num_frames
    ids = [f"noise-{number}" for number in range(num_utterances)]
    bank = FrameBank(frames, starts, torch.full_like(starts, num_frames), torch.arange(num_utterances), ids)
    normaliser = Normaliser(torch.zeros(config["num_bins"]), torch.ones(config["num_bins"])).to(device)
    views = configuration.build(config["augment"])
    return SegmentBatches(
        bank,
        normaliser,
        **views,
        batch_size=config["trainer"]["batch_size"],
        num_frames=model.segment_frames,
        seed=config["seed"],
    )


def parse() -> argparse.Namespace:
    parser = options("Seconds per training step.")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="of the configuration")
    parser.add_argument("--config", type=Path, help="config.yaml of a checkpoint in place of overrides; needs no Hydra")
    parser.add_argument("--batch_size", type=int, help="in place of the configuration's")
    parser.add_argument("--num_steps", type=int, default=20, help="timed steps of each rival")
    return parser.parse_args()


def main() -> None:
    given = parse()
    config = checkpoint.load_yaml(given.config) if given.config else configuration.compose(given.overrides)
    config["trainer"]["batch_size"] = given.batch_size or config["trainer"]["batch_size"]
    device = begin(given)
    trainers = make_trainers(config, device)
    first_steps, numbers = {}, count(1)
    for name, trainer in trainers.items():  # one step is private to the loop; it is what is to be timed, all of it
        first_steps[name] = trainer._train_step(trainer.batches.batch(0))
    for term in ("loss", "gradient_norm"):
        see_that_equal(term, {name: terms[term].item() for name, terms in first_steps.items()}, TOLERANCE)
    steps = {
        name: lambda trainer=trainer: trainer._train_step(trainer.batches.batch(next(numbers)))
        for name, trainer in trainers.items()
    }
    segment = f"{config['trainer']['batch_size']} x {trainers['vcdisent'].model.segment_frames} frames"
    rows = compare(in_turns(steps, given.num_steps, device))
    print_table([f"a step of {segment}", "seconds, median (lowest to highest)", "times vcdisent"], rows)


if __name__ == "__main__":
    main()
