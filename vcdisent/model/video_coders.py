"""Frame coders of video: the convolutional encoder and decoder of this line of work, one frame at a time."""

import math
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.errors import InputError

Norm = Literal["batch", "group"]
NUM_STAGES, NUM_GROUPS, GAP_PIXELS = 4, 8, 4


class VideoEncoder(nn.Module):
    """Codes each frame by itself: 4x4 convolutions of stride 2, then one of what is left to a vector, and tanh.

    Args:
        num_channels: Channels of a frame: 1 or 3.
        num_features: Size of a frame code.
        width: Channels of the first convolution; each of the other three has twice as many as the one before.
        frame_size: Pixels a side of a frame.
        norm: `batch`, or `group` of channels within a frame, which shares no statistics, not even on several GPUs.
        residual: Put a residual block of two 3x3 convolutions behind each stage.
        autocast: Compute convolutions in bfloat16, and nothing else, whatever the trainer's precision.

    Raises:
        InputError: The frame cannot be halved four times, or there is no such norm.
    """

    def __init__(
        self,
        num_channels: int = 3,
        num_features: int = 128,
        width: int = 64,
        frame_size: int = 64,
        norm: Norm = "batch",
        residual: bool = False,
        autocast: bool = False,
    ) -> None:
        super().__init__()
        self.num_features, self.autocast = num_features, autocast
        widths = [num_channels, *stage_widths(width)]
        stages = [
            stage(nn.Conv2d(before, after, 4, 2, 1, bias=False), norm, residual) for before, after in pairwise(widths)
        ]
        last = nn.Conv2d(widths[-1], num_features, smallest_side(frame_size), bias=False)
        layers = nn.Sequential(*stages, last, normalisation(norm, num_features), nn.Tanh())
        self.layers = channels_last(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Codes (B, T, H) of normalised frames `x` (B, T, C, height, width)."""
        frames = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        with convolving(x.device, self.autocast):
            codes = self.layers(frames)
        return codes.flatten(1).float().unflatten(0, x.shape[:2])


class VideoDecoder(nn.Module):
    """Decodes each frame by itself from s and z_t: the encoder's mirror, with a sigmoid at its end.

    Args:
        static_size: Size of s.
        dynamic_size: Size of z_t.
        num_channels: As for `VideoEncoder`, like all that follow.
        width: Of the last hidden stage; the first has 8 times as many channels.
    """

    def __init__(
        self,
        static_size: int,
        dynamic_size: int,
        num_channels: int = 3,
        width: int = 64,
        frame_size: int = 64,
        norm: Norm = "batch",
        residual: bool = False,
        autocast: bool = False,
    ) -> None:
        super().__init__()
        self.autocast = autocast
        widths, side = stage_widths(width)[::-1], smallest_side(frame_size)
        first = nn.ConvTranspose2d(static_size + dynamic_size, widths[0], side, bias=False)
        stages = [
            stage(nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False), norm, residual)
            for before, after in pairwise(widths)
        ]
        last = nn.ConvTranspose2d(widths[-1], num_channels, 4, 2, 1)
        layers = nn.Sequential(stage(first, norm, residual), *stages, last)
        self.layers = channels_last(layers)

    def forward(self, code: Tensor) -> Tensor:
        """Mean of the normalised frames (B, T, C, height, width) for `code` (B, T, S + D), s and z side by side."""
        with convolving(code.device, self.autocast):
            frames = self.layers(code.flatten(0, 1)[:, :, None, None])
        return frames.float().sigmoid().unflatten(0, code.shape[:2])

    @staticmethod
    def picture(x: Tensor, num_columns: int) -> Tensor:
        """Picture in [0, 1], (H, W) if grey, else (H, W, 3), of normalised frames (n, T, C, height, width).

        A sequence is a film strip from left to right; the strips i, i + `num_columns` and so on are side by side, so
        that what belongs together stands in one line.
        """
        strips = x.permute(0, 2, 3, 1, 4).flatten(3)  # (n, C, height, T width)
        strips = functional.pad(strips, (0, GAP_PIXELS), value=1.0)
        lines = torch.cat(strips.split(num_columns), dim=3)
        picture = lines.permute(0, 2, 3, 1).flatten(0, 1).clamp(0, 1)
        return picture.squeeze(2) if picture.shape[2] == 1 else picture


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with norms, added to what goes in (He et al., CVPR 2016, with norms before convolutions)."""

    def __init__(self, num_channels: int, norm: Norm) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [normalisation(norm, num_channels), nn.LeakyReLU(0.2)]
            layers += [nn.Conv2d(num_channels, num_channels, 3, padding=1, bias=False)]
        self.layers = nn.Sequential(*layers)

    def forward(self, hidden: Tensor) -> Tensor:
        """(N, C, height, width) of the same shape."""
        return hidden + self.layers(hidden)


def stage(convolution: nn.Conv2d | nn.ConvTranspose2d, norm: Norm, residual: bool) -> nn.Sequential:
    """A convolution, its norm and a leaky rectifier, and a residual block behind them if one is wanted."""
    num_channels = convolution.out_channels
    layers = [convolution, normalisation(norm, num_channels), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, *([ResidualBlock(num_channels, norm)] if residual else []))


def channels_last(layers: nn.Sequential) -> nn.Sequential:
    """`layers` with their weights in the order that convolutions on a CPU, and in bfloat16 on a GPU, are fastest in."""
    return cast(Any, layers).to(memory_format=torch.channels_last)  # which torch's own hints leave out


def normalisation(norm: Norm, num_channels: int) -> nn.Module:
    """The norm of that name.

    Raises:
        InputError: There is none.
    """
    if norm not in get_args(Norm):
        raise InputError(f"configuration: video frame coders take norm=batch or norm=group, not {norm!r}")
    if norm == "batch":
        return nn.BatchNorm2d(num_channels)
    return nn.GroupNorm(math.gcd(NUM_GROUPS, num_channels), num_channels)


def stage_widths(width: int) -> list[int]:
    """Channels of the stages, from the frame on."""
    return [width * 2**number for number in range(NUM_STAGES)]


def smallest_side(frame_size: int) -> int:
    """Pixels a side of what is left of a frame after all stages.

    Raises:
        InputError: The frame cannot be halved so often.
    """
    if frame_size < 2**NUM_STAGES or frame_size % 2**NUM_STAGES:
        raise InputError(f"configuration: frame_size={frame_size}: video frame coders take multiples of 16 pixels")
    return frame_size // 2**NUM_STAGES


def convolving(device: torch.device, autocast: bool) -> AbstractContextManager:
    """Computes in bfloat16 if it is wanted; otherwise in whatever the trainer computes in."""
    return torch.autocast(device.type, torch.bfloat16) if autocast else nullcontext()
