"""Keep-dynamic views of video, made on the device: another crop, another shape, other colours, another camera.

Whatever is drawn is drawn once a sequence and holds for all its frames, so that movement is kept; only noise, of a
level that holds for all, is another in every frame, as a camera's is. Whatever moves pixels is one matrix for rows and
one for columns: a batch is done by two products. All is plain torch: a bare GPU node has no kornia, whose warps sample
a grid for every frame.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

View = Callable[[Tensor, object, torch.Generator], Tensor]
"""Called with frames (B, T, C, H, W), float, 0 to 255; where they are; and what randomness is drawn from."""

SHARPEST = 1e-3
"""Pixels: a blur as narrow as this changes nothing."""

LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue add to the brightness of a pixel (ITU-R BT.601)."""


class Chain:
    """Several views, one after another."""

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        for view in self.views:
            frames = view(frames, where, generator)
        return frames


class CropResize:
    """Cuts a box out of each sequence and brings it back to full size.

    Args:
        area: Range of the box's share of the frame.
        aspect: Largest width of the box relative to its height, as a factor; drawn log-uniformly between its inverse
            and itself.
    """

    def __init__(self, area: tuple[float, float] = (0.6, 1.0), aspect: float = 1.2) -> None:
        self.area, self.aspect = area, aspect

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        area, aspect = uniform(*self.area, frames, generator), log_uniform(self.aspect, frames, generator)
        maps = []
        for size, share in zip(frames.shape[-2:], ((area / aspect).sqrt(), (area * aspect).sqrt()), strict=True):
            span = size * share.clamp_max(1.0)
            maps.append(resampling(uniform(0.0, 1.0, frames, generator) * (size - span), span, size))
        return by_rows_and_columns(frames, *maps)


class Stretch:
    """Makes each sequence taller or lower, wider or narrower, around the middle of the frame; what is outside is black.

    Args:
        largest: Largest stretch of either axis, as a factor; drawn log-uniformly between its inverse and itself.
    """

    def __init__(self, largest: float = 1.3) -> None:
        self.largest = largest

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        maps = []
        for size in frames.shape[-2:]:
            span = size / log_uniform(self.largest, frames, generator)
            maps.append(resampling((size - span) / 2, span, size))
        return by_rows_and_columns(frames, *maps)


class GaussianBlur:
    """Puts each sequence out of focus.

    Args:
        deviation_pixels: Range of the standard deviation of the blur.
    """

    def __init__(self, deviation_pixels: tuple[float, float] = (0.1, 2.0)) -> None:
        self.deviation_pixels = deviation_pixels

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        deviation = uniform(*self.deviation_pixels, frames, generator).clamp_min(SHARPEST)
        return by_rows_and_columns(frames, *(blurring(deviation, size) for size in frames.shape[-2:]))


class Noise:
    """Adds Gaussian noise of a level of its own to each sequence, every pixel of every frame drawn anew.

    Args:
        largest: Largest standard deviation, in grey levels of 0 to 255.
    """

    def __init__(self, largest: float = 20.0) -> None:
        self.largest = largest

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        level = over_frames(uniform(0.0, self.largest, frames, generator))
        noise = torch.randn(frames.shape, generator=generator, device=generator.device)
        return (frames + level * noise).clamp(0, 255)


class ColourDistortion:
    """Other brightness, contrast, saturation and hue for each sequence (Chen et al., ICML 2020, appendix A).

    Grey frames have the first two only.

    Args:
        brightness: Largest change of the brightness, as a share of it.
        contrast: Largest change of the distance of pixels from the mean brightness, as a share of it.
        saturation: Largest change of the distance of colours from grey, as a share of it.
        hue: Largest turn of the hue, in full turns of the colour circle.
        grey: Share of sequences that lose their colours.
    """

    def __init__(
        self,
        brightness: float = 0.6,
        contrast: float = 0.3,
        saturation: float = 0.6,
        hue: float = 0.5,
        grey: float = 0.1,
    ) -> None:
        self.brightness, self.contrast, self.saturation = brightness, contrast, saturation
        self.hue, self.grey = hue, grey

    def __call__(self, frames: Tensor, where: object, generator: torch.Generator) -> Tensor:  # noqa: ARG002
        """The view (B, T, C, H, W) of `frames` (B, T, C, H, W), 0 to 255."""
        brightness, contrast = (
            uniform(1 - largest, 1 + largest, frames, generator) for largest in (self.brightness, self.contrast)
        )
        bright = over_frames(brightness) * frames
        if frames.shape[2] == len(LUMA):
            bright = torch.einsum("bkc,btchw->btkhw", self._mixing(frames, generator), bright)
        middle = bright.mean((1, 2, 3, 4), keepdim=True)
        return torch.lerp(middle, bright, over_frames(contrast)).clamp(0, 255)

    def _mixing(self, frames: Tensor, generator: torch.Generator) -> Tensor:
        """What each channel of the view takes of each channel of the frames: (B, 3, 3)."""
        saturation = uniform(1 - self.saturation, 1 + self.saturation, frames, generator)
        is_grey = uniform(0.0, 1.0, frames, generator) < self.grey
        share = saturation.masked_fill(is_grey, 0.0)[:, None, None]
        turned = hue_turns(uniform(-self.hue, self.hue, frames, generator))
        to_grey = torch.tensor(LUMA, device=frames.device).expand(3, 3)
        return share * turned + (1 - share) * to_grey @ turned


def uniform(low: float, high: float, frames: Tensor, generator: torch.Generator) -> Tensor:
    """One number (B,) for each sequence of `frames`."""
    return low + (high - low) * torch.rand(len(frames), generator=generator, device=generator.device)


def log_uniform(largest: float, frames: Tensor, generator: torch.Generator) -> Tensor:
    """One factor (B,) for each sequence of `frames`, between the inverse of `largest` and itself."""
    return uniform(-math.log(largest), math.log(largest), frames, generator).exp()


def over_frames(numbers: Tensor) -> Tensor:
    """Numbers (B,) so that they multiply frames (B, T, C, H, W)."""
    return numbers[:, None, None, None, None]


def by_rows_and_columns(frames: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Frames (B, T, C, H, W) with rows mapped by `rows` (B, H, H) and columns by `columns` (B, W, W)."""
    wide = torch.bmm(frames.flatten(1, 3), columns.mT).view(frames.shape)
    return torch.matmul(rows[:, None, None], wide)


def resampling(start: Tensor, span: Tensor, size: int) -> Tensor:
    """Linear interpolation (B, size, size) that gives the pixels from `start` (B,), `span` (B,) of them, as `size`.

    Between the centres of the outermost pixels and the frame's edge there is the outermost pixel; beyond, nothing.
    """
    pixels = torch.arange(size, device=start.device)
    position = start[:, None] + (pixels + 0.5) * (span / size)[:, None] - 0.5
    is_inside = (position >= -0.5) & (position <= size - 0.5)
    distance = (position.clamp(0, size - 1).unsqueeze(2) - pixels).abs()
    return (1 - distance).clamp_min(0.0) * is_inside.unsqueeze(2)


def blurring(deviation_pixels: Tensor, size: int) -> Tensor:
    """Gaussian averages (B, size, size) of pixels within the frame."""
    pixels = torch.arange(size, device=deviation_pixels.device)
    squared = (pixels[:, None] - pixels).square()
    return (-squared / (2 * deviation_pixels.square()[:, None, None])).softmax(dim=2)


def hue_turns(turns: Tensor) -> Tensor:
    """Rotations (B, 3, 3) of red, green and blue about the axis of greys by full `turns` (B,) (Rodrigues' formula)."""
    angle = (2 * math.pi * turns)[:, None, None]
    same, third = torch.eye(3, device=turns.device), torch.full((3, 3), 1 / 3, device=turns.device)
    around = (same.roll(1, 0) - same.roll(-1, 0)) / math.sqrt(3)
    return angle.cos() * same + (1 - angle.cos()) * third + angle.sin() * around
