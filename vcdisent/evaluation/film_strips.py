"""Clips side by side and one below the other, with labels: as one picture, or as one clip that plays them all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

FONT_PIXELS, TITLE_PIXELS = 15, 19
MARGIN, GAP = 10, 4
"""Pixels around everything, and between two frames."""
MOST_IN_A_STRIP = 16
"""Frames of a strip; of a longer clip as many are picked evenly."""
WIDEST, LARGEST_SCALE = 1400, 3
"""Frames are shown up to three times as large as they are, while the picture stays this narrow, in pixels."""
LONGEST_LABEL = 44
PAPER, INK = 255, 0


class Panel(NamedTuple):
    """A clip, uint8 (T, H, W, C), and what is written beside it."""

    label: str
    clip: np.ndarray


def strip_picture(title: str, panels: Sequence[Panel]) -> np.ndarray:
    """A picture, uint8 (height, width, 3): one clip a row, its frames from left to right, its label before them.

    Args:
        title: Above all rows.
        panels: The clips, of frames of one size.
    """
    length = max(len(panel.clip) for panel in panels)
    moments = np.linspace(0, length - 1, min(length, MOST_IN_A_STRIP)).round().astype(int)
    height, width = panels[0].clip.shape[1:3]
    left = max(text_width(shortened(panel.label)) for panel in panels) + 2 * MARGIN
    scale = scale_for(left, len(moments) * (width + GAP))
    top = TITLE_PIXELS + FONT_PIXELS + 3 * MARGIN
    step_y, step_x = scale * height + GAP, scale * width + GAP
    frame_numbers = [(left + column * step_x, top - FONT_PIXELS - 6, str(m + 1)) for column, m in enumerate(moments)]
    labels = [(MARGIN, top + row * step_y + step_y // 2 - FONT_PIXELS, p.label) for row, p in enumerate(panels)]
    image = paper(title, top + len(panels) * step_y + MARGIN, left + len(moments) * step_x + MARGIN)
    image = written(image, [*frame_numbers, *labels])
    for row, panel in enumerate(panels):
        for column, moment in enumerate(moments[moments < len(panel.clip)]):
            place(image, enlarged(panel.clip[moment], scale), top + row * step_y, left + column * step_x)
    return image


def moving_picture(title: str, panels: Sequence[Panel], num_columns: int) -> np.ndarray:
    """A clip, uint8 (T, height, width, 3), that plays clips side by side, each below its label.

    Args:
        title: Above all of them.
        panels: The clips, of frames of one size; those that are shorter than others start again.
        num_columns: Clips a row.
    """
    num_columns = min(num_columns, len(panels))
    height, width = panels[0].clip.shape[1:3]
    scale = scale_for(0, num_columns * (width + GAP))
    step_x = max(scale * width, *(text_width(shortened(panel.label)) for panel in panels)) + 2 * GAP
    step_y = scale * height + FONT_PIXELS + 4 * GAP
    top = TITLE_PIXELS + 3 * MARGIN
    num_rows = -(-len(panels) // num_columns)
    corners = [
        (top + number // num_columns * step_y, MARGIN + number % num_columns * step_x) for number in range(len(panels))
    ]
    labels = [(left, above, panel.label) for (above, left), panel in zip(corners, panels, strict=True)]
    empty = written(paper(title, top + num_rows * step_y, 2 * MARGIN + num_columns * step_x), labels)
    frames = np.repeat(empty[np.newaxis], max(len(panel.clip) for panel in panels), axis=0)
    for (above, left), panel in zip(corners, panels, strict=True):
        for moment, frame in enumerate(frames):
            shown = enlarged(panel.clip[moment % len(panel.clip)], scale)
            place(frame, shown, above + FONT_PIXELS + GAP, left)
    return frames


def paper(title: str, height: int, width: int) -> np.ndarray:
    """An empty picture, uint8 (height, width, 3), wide enough for its title, which is written on it."""
    width = max(width, text_width(title, TITLE_PIXELS) + 2 * MARGIN)
    return written(np.full((height, width, 3), PAPER, np.uint8), [(MARGIN, MARGIN, title)], TITLE_PIXELS)


def written(image: np.ndarray, texts: Sequence[tuple[int, int, str]], pixels: int = FONT_PIXELS) -> np.ndarray:
    """A picture, uint8 (H, W, 3), with texts on it, each with its left and upper edge."""
    from PIL import Image, ImageDraw

    drawn = Image.fromarray(image)
    pen = ImageDraw.Draw(drawn)
    for left, top, text in texts:
        shown = text if pixels == TITLE_PIXELS else shortened(text)
        pen.text((left, top), shown, fill=(INK, INK, INK), font=font(pixels))
    return np.array(drawn)


def place(image: np.ndarray, frame: np.ndarray, top: int, left: int) -> None:
    """Puts a frame (H, W, C) on a picture (height, width, 3)."""
    image[top : top + frame.shape[0], left : left + frame.shape[1]] = frame


def enlarged(frame: np.ndarray, scale: int) -> np.ndarray:
    """A frame (H, W, C) whose pixels are squares of `scale` pixels."""
    return frame.repeat(scale, axis=0).repeat(scale, axis=1)


def scale_for(left: int, width: int) -> int:
    """How many times as large as they are frames are shown that take `width` pixels beside labels of `left`."""
    return max(1, min(LARGEST_SCALE, (WIDEST - left) // width))


def shortened(label: str) -> str:
    """A label with its middle left out where it is too long."""
    half = LONGEST_LABEL // 2
    return label if len(label) <= LONGEST_LABEL else f"{label[: half - 1]}…{label[-half:]}"


def text_width(text: str, pixels: int = FONT_PIXELS) -> int:
    """Width of a text in pixels."""
    return int(font(pixels).getlength(text)) + 1


def font(pixels: int) -> "FreeTypeFont | ImageFont":
    """Pillow's own font, which needs no file."""
    from PIL import ImageFont

    return ImageFont.load_default(pixels)
