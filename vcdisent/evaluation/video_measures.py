"""What a judge says of a model's sequences: one half fixed and the other from the prior, swapped, reconstructed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vcdisent.batches import CPU, FrameBank, Keyed, Normaliser
from vcdisent.evaluation.generation_scores import label_scores, spread
from vcdisent.evaluation.video_judge import SEQUENCES_AT_A_TIME, VideoJudge, judge_bank, zero_to_one
from vcdisent.model.sequence_vae import SequenceVAE

Opinions = Mapping[str, Tensor]
"""Log-probabilities (N, K) of each label's classes."""


@dataclass(frozen=True)
class Labels:
    """What is known of sequences: the class (N,) of each by the name of the label, and which labels should stay."""

    static: Mapping[str, Tensor]
    dynamic: Mapping[str, Tensor]


@dataclass(frozen=True)
class Codes:
    """Posterior means of sequences, s (N, S) and z (N, T, D), and squared errors (N,) of their reconstructions."""

    static: Tensor
    dynamic: Tensor
    squared_errors: Tensor


class VideoMeasures:
    """Measures a model by sequences that it was not trained on.

    Args:
        model: In evaluation mode, on the device of `normaliser`.
        normaliser: The model's.
        judge: Likewise on that device.
        num_frames: Of each sequence that is looked at, from its first on.
        looked_at: Told how many sequences the judge has seen since; of those of a bank it sees `num_looks` times all.
    """

    def __init__(
        self,
        model: SequenceVAE,
        normaliser: Normaliser,
        judge: VideoJudge,
        num_frames: int,
        looked_at: Callable[[int], object] = lambda num_sequences: None,  # noqa: ARG005
    ) -> None:
        self.model, self.normaliser, self.judge, self.num_frames = model, normaliser, judge, num_frames
        self.looked_at = looked_at
        self.device = normaliser.device
        self.judged_frames = zero_to_one().to(self.device)

    def __call__(self, bank: FrameBank, labels: Labels, num_draws: int, seed: int = 0) -> dict[str, Any]:
        """All figures, as plain values.

        Args:
            bank: The sequences.
            labels: What is known of them.
            num_draws: How often noise is drawn, and sequences are paired, for all of them.
            seed: Of the draws.

        Returns:
            `rows`: one a kind of sequence and label: `sequences` (real, reconstruction, fixed_dynamic, fixed_static,
            swap), `label`, `expected` (own: the class of the sequence; other: that of the one whose s it was given;
            changed: not its own) and each score's mean, and standard deviation over draws where there are several.
            `reconstruction`: `squared_error` (summed over a sequence) and `mean_squared_error`, of values in [0, 1].
        """
        codes = self.code(bank)
        own = {**labels.static, **labels.dynamic}
        real = judge_bank(self.judge, bank, self.num_frames, self.device)
        self.looked_at(len(bank.ids))
        rows = held_against("real", [real], own, "own")
        rows += held_against("reconstruction", [self.opinions(codes.static, codes.dynamic)], own, "own")
        draws = [Keyed(seed, draw, CPU) for draw in range(num_draws)]
        fixed = [self.opinions(self.draw_static(keyed, codes), codes.dynamic) for keyed in draws]
        rows += held_against("fixed_dynamic", fixed, labels.dynamic, "own")
        rows += held_against("fixed_dynamic", fixed, labels.static, "changed")
        fixed = [self.opinions(codes.static, self.draw_dynamic(keyed, codes)) for keyed in draws]
        rows += held_against("fixed_static", fixed, labels.static, "own")
        rows += held_against("fixed_static", fixed, labels.dynamic, "changed")
        others = [partners(len(bank.ids), keyed.generator("swap")) for keyed in draws]
        swapped = [self.opinions(codes.static[other.to(self.device)], codes.dynamic) for other in others]
        rows += held_against("swap", swapped, labels.dynamic, "own")
        rows += held_against("swap", swapped, labels.static, "other", others)
        return {"rows": rows, "reconstruction": self.errors(codes, bank)}

    @torch.no_grad()
    def code(self, bank: FrameBank) -> Codes:
        """Codes of all sequences of a bank."""
        statics, dynamics, errors = [], [], []
        for starts in bank.starts.split(SEQUENCES_AT_A_TIME):
            frames = bank.segments(starts, self.num_frames, self.device)
            posterior = self.model.encode(self.normaliser(frames))
            assert posterior.dynamic is not None  # a sequence VAE has one
            statics.append(posterior.static.mean)
            dynamics.append(posterior.dynamic.mean)
            decoded = self.decode(statics[-1], dynamics[-1])
            errors.append((decoded - self.judged_frames(frames)).square().flatten(1).sum(1))
        return Codes(torch.cat(statics), torch.cat(dynamics), torch.cat(errors))

    def decode(self, static: Tensor, dynamic: Tensor) -> Tensor:
        """Frames (B, T, C, H, W) in [0, 1] for s (B, S) and z (B, T, D)."""
        return self.judged_frames(self.normaliser.inverse(self.model.decode(static, dynamic))).clamp(0, 1)

    @torch.no_grad()
    def opinions(self, static: Tensor, dynamic: Tensor) -> Opinions:
        """What the judge says, on the CPU, of sequences decoded from s (N, S) and z (N, T, D)."""
        pieces = zip(static.split(SEQUENCES_AT_A_TIME), dynamic.split(SEQUENCES_AT_A_TIME), strict=True)
        said = []
        for s, z in pieces:
            said.append(self.judge(self.decode(s, z)))
            self.looked_at(len(s))
        return {name: torch.cat([own[name].cpu() for own in said]) for name in self.judge.classes}

    def draw_static(self, keyed: Keyed, codes: Codes) -> Tensor:
        """s (N, S) from its prior, a standard normal."""
        return keyed.normal("prior_static", tuple(codes.static.shape)).to(self.device)

    def draw_dynamic(self, keyed: Keyed, codes: Codes) -> Tensor:
        """z (N, T, D) from its prior."""
        num_sequences, num_frames = codes.dynamic.shape[:2]
        return self.model.prior.sample(
            num_sequences, num_frames, lambda purpose, shape: keyed.normal(purpose, shape).to(self.device)
        )

    def errors(self, codes: Codes, bank: FrameBank) -> dict[str, float]:
        """Mean squared errors of reconstructions: a sequence's, and a value's."""
        squared_error = float(codes.squared_errors.double().mean())
        num_values = self.num_frames * bank.frames[0].numel()
        return {"squared_error": squared_error, "mean_squared_error": squared_error / num_values}


def num_looks(num_draws: int) -> int:
    """How often the judge sees each sequence, in one form or another."""
    return 2 + 3 * num_draws


def partners(num_sequences: int, generator: torch.Generator) -> Tensor:
    """For each sequence another one (N,), and each for one: the next in a circle that is drawn."""
    circle = torch.randperm(num_sequences, generator=generator)
    others = torch.empty_like(circle)
    others[circle] = circle.roll(-1)
    return others


def held_against(
    sequences: str,
    draws: list[Opinions],
    labels: Mapping[str, Tensor],
    expected: str,
    others: list[Tensor] | None = None,
) -> list[dict[str, Any]]:
    """One row a label: the scores of each draw's opinions, against the sequences' own labels or those of `others`."""
    rows = []
    for name, own in labels.items():
        wanted = [own if others is None else own[others[number]] for number in range(len(draws))]
        scores = [label_scores(said[name], classes) for said, classes in zip(draws, wanted, strict=True)]
        rows.append({"sequences": sequences, "label": name, "expected": expected, **spread(scores)})
    return rows
