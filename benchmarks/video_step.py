"""Seconds per training step on video, against the released code's step written plainly from its description.

That one takes x and both views through the whole model, decoder and all; its prior is looped over time, cell by cell;
its arrays are contiguous and float32. All rivals begin with the same weights and must come to the same loss.

`python benchmarks/video_step.py --batch_size 8 model.encoder.width=32`: takes any override of `experiment=sprites`.
"""

import argparse
import copy
from itertools import count
from pathlib import Path
from typing import Any

import torch
from timing import begin, compare, in_turns, options, print_table, see_that_equal
from torch import Tensor, nn
from training_step import LoopedPrior, SeparatePasses, no_figures

from vcdisent import config as configuration
from vcdisent.batches import FrameBank, Normaliser, SegmentBatches
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.training import checkpoint
from vcdisent.training.loop import Settings, Trainer

OURS, ROUGH, PLAIN = "vcdisent", "vcdisent, convolutions in bfloat16", "the released step, plainly"
TOLERANCE, ROUGH_TOLERANCE = {"loss": 1e-4, "gradient_norm": 1e-3}, {"loss": 1e-2, "gradient_norm": 0.1}
WHITE = 255


class PlainEncoder(nn.Module):
    """The encoder's layers on contiguous frames."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers.to(memory_format=torch.contiguous_format)

    def forward(self, x: Tensor) -> Tensor:
        """As `VideoEncoder.forward`."""
        return self.layers(x.flatten(0, 1).contiguous()).flatten(1).unflatten(0, x.shape[:2])


class PlainDecoder(nn.Module):
    """The decoder's layers on contiguous frames."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers.to(memory_format=torch.contiguous_format)

    def forward(self, code: Tensor) -> Tensor:
        """As `VideoDecoder.forward`."""
        return self.layers(code.flatten(0, 1)[:, :, None, None]).sigmoid().unflatten(0, code.shape[:2])


def make_trainers(config: dict[str, Any], device: torch.device) -> dict[str, Trainer]:
    """The package's own trainer, the same with bfloat16 where the machine has it, and the plain one."""
    torch.manual_seed(config["seed"])
    model = configuration.build(config["model"])
    plain = copy.deepcopy(model)
    plain.encoder, plain.decoder = PlainEncoder(plain.encoder.layers), PlainDecoder(plain.decoder.layers)
    plain.prior = LoopedPrior(plain.prior)
    rough = copy.deepcopy(model)
    rough.encoder.autocast = rough.decoder.autocast = True
    weights = configuration.build({name: part for name, part in config["objective"].items() if name != "kind"})
    rivals = {
        OURS: (model, configuration.build(config["objective"])),
        ROUGH: (rough, configuration.build(config["objective"])),
        PLAIN: (plain, SeparatePasses(decodes_views=True, **weights)),
    }
    if not has_bfloat16(device):
        print("No row in bfloat16: this machine only imitates it.\n")
        del rivals[ROUGH]
    batches = make_batches(config, model, device)
    settings = {name: value for name, value in config["trainer"].items() if name not in ("device", "batch_size")}
    return {
        name: Trainer(rival.to(device), objective, batches, no_figures, no_figures, Path(), Settings(**settings))
        for name, (rival, objective) in rivals.items()
    }


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 itself."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def make_batches(config: dict[str, Any], model: SequenceVAE, device: torch.device) -> SegmentBatches:
    """Batches of noise: twice as many sequences as a batch needs."""
    num_sequences, num_frames = 2 * config["trainer"]["batch_size"], model.segment_frames
    shape = (num_sequences * num_frames, *configuration.frame_shape(config))
    frames = torch.randint(WHITE + 1, shape, dtype=torch.uint8, device=device)
    starts = torch.arange(num_sequences) * num_frames
    ids = [f"noise-{number}" for number in range(num_sequences)]
    bank = FrameBank(frames, starts, torch.full_like(starts, num_frames), torch.arange(num_sequences), ids)
    normaliser = Normaliser(torch.zeros(1, 1, 1), torch.full((1, 1, 1), float(WHITE))).to(device)
    sizes = {"batch_size": config["trainer"]["batch_size"], "num_frames": num_frames}
    return SegmentBatches(bank, normaliser, **configuration.build(config["augment"]), **sizes, seed=config["seed"])


def see_that_losses_are_equal(trainers: dict[str, Trainer]) -> None:
    """Takes the first step of each; those in float32 must agree closely, bfloat16 as far as it goes."""
    # One step is private to the loop; it is what is to be timed, all of it.
    steps = {name: trainer._train_step(trainer.batches.batch(0)) for name, trainer in trainers.items()}
    for term in TOLERANCE:
        values = {name: terms[term].item() for name, terms in steps.items()}
        exact = {name: value for name, value in values.items() if name != ROUGH}
        see_that_equal(f"{term} in float32", exact, TOLERANCE[term])
        if ROUGH in values:
            see_that_equal(f"{term} with bfloat16", values, ROUGH_TOLERANCE[term])


def print_profile(trainer: Trainer) -> None:
    """Prints what a step of the package's own takes its time for."""
    with torch.profiler.profile() as profile:
        trainer._train_step(trainer.batches.batch(0))
    key = "self_cuda_time_total" if trainer.device.type == "cuda" else "self_cpu_time_total"
    print(profile.key_averages().table(sort_by=key, row_limit=15, max_name_column_width=50))


def parse() -> argparse.Namespace:
    parser = options("Seconds per training step on video.")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="of experiment=sprites")
    parser.add_argument("--config", type=Path, help="config.yaml of a checkpoint in place of overrides; needs no Hydra")
    parser.add_argument("--batch_size", type=int, default=32, help="sequences")
    parser.add_argument("--num_steps", type=int, default=5, help="timed steps of each rival")
    parser.add_argument("--profile", action="store_true", help="also print what a step takes its time for")
    return parser.parse_args()


def main() -> None:
    given = parse()
    overrides = ["experiment=sprites", *given.overrides]
    config = checkpoint.load_yaml(given.config) if given.config else configuration.compose(overrides)
    config["trainer"]["batch_size"] = given.batch_size
    device = begin(given)
    trainers, numbers = make_trainers(config, device), count(1)
    see_that_losses_are_equal(trainers)
    steps = {
        name: lambda trainer=trainer: trainer._train_step(trainer.batches.batch(next(numbers)))
        for name, trainer in trainers.items()
    }
    segment = f"{given.batch_size} x {trainers[OURS].model.segment_frames} frames"
    rows = compare(in_turns(steps, given.num_steps, device))
    print_table([f"a step of {segment}", "seconds, median (lowest to highest)", "times vcdisent"], rows)
    if given.profile:
        print_profile(trainers[OURS])


if __name__ == "__main__":
    main()
