"""drawn_sprites: a small DRAWN stand-in for Sprites, so that its recipe runs where there are no sprite sheets.

Figures of lines and ellipses do what LPC characters do, in sheets of the same layout: 3 bodies x 3 bottomwear x 3
topwear x 3 hair = 81 characters. It shows that everything runs; figures on it are not those of Sprites.
"""

from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vcdisent.atomic import whole_file
from vcdisent.corpora import sprites
from vcdisent.corpora.claim import claim
from vcdisent.corpora.videodir import Clip

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

NUM_VARIANTS = 3
README = (
    "These are drawn_sprites, NOT the Liberated Pixel Cup's: figures in the layout of its sprite sheets, DRAWN by\n"
    "`vcdisent prepare drawn_sprites` from lines and ellipses. What a model makes of them says nothing of Sprites.\n"
)
MIDDLE, SHOULDER_Y, HIP_Y, ARM, LEG, HEAD_RADIUS = 32, 27, 42, 14, 16, 8
LIFTS = (0.0, 0.2, 0.5, 0.8, 1.0, 0.9, 0.1)
"""How far arms are raised in each cell of spellcast."""

SWEEP = (2.6, 2.2, 1.7, 1.2, 0.7, 0.3)
"""Angle of the striking arm from hanging, in radians, in each cell of slash."""

Point = tuple[float, float]


class Pose(NamedTuple):
    """Where the joints of a figure are in its cell, in pixels; limbs of the far side come first.

    Attributes:
        facing: -1 left, 0 front, 1 right.
        hands: of both arms, which hang from `shoulders`.
        feet: of both legs, which hang from `hips`.
    """

    facing: int
    shoulders: tuple[Point, ...]
    hands: tuple[Point, ...]
    hips: tuple[Point, ...]
    feet: tuple[Point, ...]


def prepare(root: str | Path, out: str | Path) -> dict[str, list[Clip]]:
    """Draw the sheets, and make data dirs of them as of those of the Liberated Pixel Cup.

    Args:
        root: where the sheets go: a new or empty folder, or one in which this has drawn before.
        out: gets `train` (62 characters), `dev` (3 of those), `test` (19) and their `frames`.

    Returns:
        The clips of each split.

    Raises:
        InputError: `root` holds something else.
    """
    print("drawn_sprites: these figures are DRAWN, not those of the sprite sheets: figures on them are not Sprites'")
    draw_sheets(Path(root))
    return sprites.prepare(root, out, num_variants=NUM_VARIANTS)


def draw_sheets(root: Path) -> None:
    """Draw all sheets: the same pixels every time.

    Raises:
        InputError: `root` holds something else.
    """
    claim(root, README, "drawn_sprites")
    for layer, draw in DRAWN_BY.items():
        for variant in range(NUM_VARIANTS):
            _draw_sheet(root / layer / f"{variant}.png", draw, variant)


def pose(action: str, side: str, step: int) -> Pose:
    """How a figure stands in the cell `step` after an action's first."""
    facing = {"left": -1, "front": 0, "right": 1}[side]
    swing = sin(2 * pi * step / len(sprites.ORDER["walk"])) if action == "walk" else 0.0
    arms = {
        "walk": (0.2 + 0.8 * swing, 0.2 - 0.8 * swing),
        "spellcast": (0.2 + 2.2 * LIFTS[step % len(LIFTS)],) * 2,
        "slash": (0.2, SWEEP[step % len(SWEEP)]),
    }[action]
    apart = (-2, 2) if facing else (-7, 7)
    outwards = (facing, facing) if facing else (-1, 1)
    shoulders = tuple((MIDDLE + x, SHOULDER_Y) for x in apart)
    hips = tuple((MIDDLE + 0.6 * x, HIP_Y) for x in apart)
    legs = (-0.6 * swing, 0.6 * swing) if facing else (0.0, 0.0)
    lifts = (0.0, 0.0) if facing else (max(0.0, swing), max(0.0, -swing))
    hung = zip(shoulders, arms, outwards, strict=True)
    stood = zip(hips, legs, outwards, lifts, strict=True)
    hands = tuple(_end(shoulder, angle, out, ARM) for shoulder, angle, out in hung)
    feet = tuple(_end(hip, angle, out, LEG - 4 * lift) for hip, angle, out, lift in stood)
    return Pose(facing, shoulders, hands, hips, feet)


def _end(start: Point, angle: float, outwards: int, length: float) -> Point:
    """Where a limb ends that hangs from `start`, turned outwards by an angle."""
    return start[0] + outwards * length * sin(angle), start[1] + length * cos(angle)


def _draw_sheet(path: Path, draw: Callable[["ImageDraw", Pose, int], None], variant: int) -> None:
    from PIL import Image, ImageDraw

    sheet = Image.new("RGBA", (sprites.CELLS_A_ROW * sprites.SIZE, sprites.NUM_ROWS * sprites.SIZE))
    for action, sides in sprites.CELLS.items():
        for side, first in sides.items():
            for step in {*sprites.ORDER[action]}:
                row, column = divmod(first + step, sprites.CELLS_A_ROW)
                cell = Image.new("RGBA", (sprites.SIZE, sprites.SIZE))
                draw(ImageDraw.Draw(cell), pose(action, side, step), variant)
                sheet.paste(cell, (column * sprites.SIZE, row * sprites.SIZE))
    with whole_file(path) as unfinished:
        sheet.save(unfinished, "PNG")


def _draw_body(draw: "ImageDraw", pose: Pose, variant: int) -> None:
    skin = ("#f2c9a0", "#a0683c", "#8fb8e0")[variant]
    for start, end in (*zip(pose.shoulders, pose.hands, strict=True), *zip(pose.hips, pose.feet, strict=True)):
        _limb(draw, start, end, skin, width=5)
    draw.rectangle((*pose.shoulders[0], *pose.hips[1]), fill=skin)
    draw.ellipse(_around((MIDDLE, SHOULDER_Y - 10), HEAD_RADIUS), fill=skin)
    for eye in (-3, 3) if pose.facing == 0 else (4 * pose.facing,):
        draw.rectangle((MIDDLE + eye - 1, SHOULDER_Y - 10, MIDDLE + eye, SHOULDER_Y - 8), fill="#202020")


def _draw_bottomwear(draw: "ImageDraw", pose: Pose, variant: int) -> None:
    """Trousers, shorts or a skirt."""
    colour = ("#f0f0f0", "#2c50b4", "#96283c")[variant]
    share = (0.9, 0.5, 0.35)[variant]
    for hip, foot in zip(pose.hips, pose.feet, strict=True):
        _limb(draw, hip, _between(hip, foot, share), colour, width=7)
    if variant == 2:
        (left, y), (right, _) = pose.hips
        draw.polygon([(left - 2, y - 3), (right + 2, y - 3), (right + 6, y + 9), (left - 6, y + 9)], fill=colour)


def _draw_topwear(draw: "ImageDraw", pose: Pose, variant: int) -> None:
    """A pullover, a shirt with short sleeves or a vest."""
    colour = ("#6e1e1e", "#e6b41e", "#3c8c46")[variant]
    for shoulder, hand in zip(pose.shoulders, pose.hands, strict=True):
        _limb(draw, shoulder, _between(shoulder, hand, (0.8, 0.4, 0.05)[variant]), colour, width=6)
    (left, top), (right, _) = pose.shoulders
    draw.rectangle((left - 2, top - 1, right + 2, HIP_Y), fill=colour)


def _draw_hair(draw: "ImageDraw", pose: Pose, variant: int) -> None:
    """Short, long or in spikes."""
    colour = ("#28dc28", "#dc2828", "#5a32c8")[variant]
    x, y = MIDDLE - 2 * pose.facing, SHOULDER_Y - 11
    draw.chord(_around((x, y), HEAD_RADIUS + 1), 180, 360, fill=colour)
    if variant == 1:
        for side in (-1, 1) if pose.facing == 0 else (-pose.facing,):
            draw.rectangle((x + 7.5 * side - 1.5, y, x + 7.5 * side + 1.5, y + 14), fill=colour)
    if variant == 2:
        for tip in (-6, 0, 6):
            draw.polygon([(x + tip - 3, y - 5), (x + tip + 3, y - 5), (x + 1.4 * tip, y - 14)], fill=colour)


def _draw_shoes(draw: "ImageDraw", pose: Pose, variant: int) -> None:
    colour = ("#c8963c", "#b4783c", "#505050")[variant]
    for foot, y in pose.feet:
        x = foot + 2 * pose.facing
        draw.ellipse((x - 4, y - 2, x + 4, y + 3), fill=colour)


DRAWN_BY = {
    "body": _draw_body,
    "bottomwear": _draw_bottomwear,
    "topwear": _draw_topwear,
    "hair": _draw_hair,
    "shoes": _draw_shoes,
}
"""What draws each layer's sheets."""


def _limb(draw: "ImageDraw", start: Point, end: Point, colour: str, width: int) -> None:
    draw.line((*start, *end), fill=colour, width=width)
    for joint in (start, end):
        draw.ellipse(_around(joint, width / 2 - 0.5), fill=colour)


def _around(centre: Point, radius: float) -> tuple[float, float, float, float]:
    return centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
