"""A judge of video: a classifier of whole sequences, by which generated ones are told.

It sees real sequences alone while it learns, with their labels, and has no part in training what it judges.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.batches import FrameBank, Normaliser

NUM_GROUPS = 8
SMALLEST = 4
"""Pixels: frames are halved until no side is longer than this."""
SEQUENCES_AT_A_TIME = 64


class VideoJudge(nn.Module):
    """Convolutions on each frame, a recurrent network both ways over the frames, and one head a label.

    Its frame codes keep where things are, so that directions can be told; the heads read the mean over time of what the
    recurrent network says.

    Args:
        frame_shape: (C, H, W) of a frame.
        classes: The classes of each label.
        num_features: Size of a frame code.
        width: Channels of the first convolution; those after it have twice as many.
    """

    def __init__(
        self, frame_shape: Sequence[int], classes: Mapping[str, Sequence[str]], num_features: int = 128, width: int = 32
    ) -> None:
        super().__init__()
        self.frame_shape, self.classes = tuple(frame_shape), {name: list(own) for name, own in classes.items()}
        layers = nn.Sequential(*convolutions(self.frame_shape, width))
        self.frames = layers.append(nn.Linear(layers(torch.zeros(1, *self.frame_shape)).shape[1], num_features))
        self.time = nn.GRU(num_features, num_features, batch_first=True, bidirectional=True)
        self.heads = nn.ModuleList(nn.Linear(2 * num_features, len(own)) for own in self.classes.values())

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Log-probabilities (B, K) of each label's classes for frames `x` (B, T, C, H, W) in [0, 1]."""
        frames = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        codes = functional.leaky_relu(self.frames(frames), 0.2).unflatten(0, x.shape[:2])
        pooled = self.time(codes)[0].mean(1)
        return {name: head(pooled).log_softmax(1) for name, head in zip(self.classes, self.heads, strict=True)}


def convolutions(frame_shape: tuple[int, ...], width: int) -> list[nn.Module]:
    """Layers that halve frames (n, C, H, W) until no side is longer than 4, and lay them flat."""
    num_inputs, *sides = frame_shape
    layers: list[nn.Module] = []
    num_outputs = width
    while max(sides) > SMALLEST:
        halving = nn.Conv2d(num_inputs, num_outputs, 3, 2, 1)
        layers += [halving, nn.GroupNorm(NUM_GROUPS, num_outputs), nn.LeakyReLU(0.2)]
        num_inputs, num_outputs = num_outputs, 2 * width
        sides = [(side + 1) // 2 for side in sides]
    return [*layers, nn.Flatten()]


def zero_to_one() -> Normaliser:
    """Brings frames, 0 to 255, to what a judge sees."""
    return Normaliser(torch.zeros(1), torch.full((1,), 255.0))


@torch.no_grad()
def judge_bank(judge: VideoJudge, bank: FrameBank, num_frames: int, device: torch.device) -> dict[str, Tensor]:
    """Log-probabilities (U, K), on the CPU, of each label for the first `num_frames` frames of a bank's sequences."""
    normaliser = zero_to_one().to(device)
    pieces = (bank.segments(starts, num_frames, device) for starts in bank.starts.split(SEQUENCES_AT_A_TIME))
    said = [judge(normaliser(frames)) for frames in pieces]
    return {name: torch.cat([own[name].cpu() for own in said]) for name in judge.classes}
