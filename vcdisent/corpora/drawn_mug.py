"""drawn_mug: a small DRAWN stand-in for MUG in its tree, so that its recipe runs without MUG, which is licensed.

Eight faces of ellipses and lines show six expressions, which rise and fall, and a neutral one, twice each. It shows
that everything runs; figures on it say nothing about people.
"""

from math import pi, sin
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vcdisent.atomic import whole_file
from vcdisent.corpora import mug
from vcdisent.corpora.claim import claim
from vcdisent.corpora.videodir import Clip

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

README = (
    "This is drawn_mug, NOT MUG: faces DRAWN by `vcdisent prepare drawn_mug`, in MUG's tree. No person is seen here,\n"
    "and what a model makes of them says nothing about people.\n"
)
NUM_SUBJECTS, NUM_TAKES, NUM_IMAGES = 8, 2, (16, 20)
SIZE, FINER = 128, 2
"""Pixels of an image, and how many times finer it is drawn."""

SKINS = ("#ecc8aa", "#be8c69", "#8c5f46", "#deb496")
HAIR = ("#28190f", "#6e461e", "#141414", "#be9646", "#8c2814")
BACKGROUND, EYE, LIPS, MOUTH = "#28466e", "#f0f0f0", "#963232", "#3c1414"


class Mood(NamedTuple):
    """What an expression does to a face, at its height; all 0 in a neutral one.

    Attributes:
        brows_up: in hundredths of half the image, as all lengths here.
        brows_tilt: how far the inner ends go down.
        eyes_open: share by which they open more.
        mouth_up: how far its corners go up.
        mouth_open: how far it opens.
    """

    brows_up: float = 0.0
    brows_tilt: float = 0.0
    eyes_open: float = 0.0
    mouth_up: float = 0.0
    mouth_open: float = 0.0


MOODS = {
    "anger": Mood(-3, 6, -0.2, -3, 0),
    "disgust": Mood(-3, 2, -0.5, -8, 3),
    "fear": Mood(4, -4, 0.4, -2, 6),
    "happiness": Mood(1, 0, -0.1, 9, 4),
    "sadness": Mood(1, -6, -0.3, -7, 0),
    "surprise": Mood(7, 0, 0.6, 0, 13),
    "neutral": Mood(),
}


def prepare(
    root: str | Path, out: str | Path, skipped: list[str] | None = None, *, num_jobs: int = 1
) -> dict[str, list[Clip]]:
    """Draw the tree, and make data dirs of it as of MUG.

    Args:
        root: where it goes: a new or empty folder, or one in which this has drawn before.
        out: gets `train` (4 subjects), `dev` and `test` (2 each), `judge` and their `frames`.
        skipped: gets a line about each take that is left out.
        num_jobs: workers.

    Returns:
        The clips of each data dir.

    Raises:
        InputError: `root` holds something else, or OpenCV is not installed.
    """
    print("drawn_mug: these faces are DRAWN, not MUG's: figures on them say nothing about people")
    claim(Path(root), README, "drawn_mug")
    draw_tree(Path(root) / "subjects3")
    return mug.prepare(root, out, skipped, num_jobs=num_jobs)


def draw_tree(root: Path, num_subjects: int = NUM_SUBJECTS, num_takes: int = NUM_TAKES) -> None:
    """Draw all takes, the same pixels every time; those that are there whole are kept."""
    for subject in range(num_subjects):
        for expression, mood in MOODS.items():
            for take in range(num_takes):
                # Every second subject has come twice, and no count of images starts where another does, as in MUG.
                session = "session0" if subject % 2 else ""
                folder = root / f"{subject + 1:03d}" / session / expression / f"take{take:03d}"
                _draw_take(folder, subject, mood, np.random.default_rng((subject, take)))


def draw_face(subject: int, mood: Mood, strength: float, shift: tuple[float, float] = (0.0, 0.0)) -> "Image":
    """One image of a subject.

    Args:
        subject: picks skin, hair and shape of the face.
        mood: the expression.
        strength: 0 is neutral, 1 the expression at its height.
        shift: of the face to the right and down, in hundredths of half the image.
    """
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGB", (SIZE * FINER, SIZE * FINER), BACKGROUND)
    felt = Mood(*(strength * part for part in mood))
    _draw_on(ImageDraw.Draw(image), subject, felt, shift)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.7))


def _draw_take(folder: Path, subject: int, mood: Mood, generator: np.random.Generator) -> None:
    num_images, first = int(generator.integers(*NUM_IMAGES, endpoint=True)), int(generator.integers(0, 9))
    shift = tuple(generator.uniform(-6, 6, 2).tolist())
    for number in range(num_images):
        path = folder / f"img_{first + number:04d}.jpg"
        if not path.is_file():
            with whole_file(path) as unfinished:
                draw_face(subject, mood, sin(pi * number / (num_images - 1)), shift).save(
                    unfinished, "JPEG", quality=92
                )


class _Brush:
    """Draws in hundredths of half the image, from its middle."""

    def __init__(self, draw: "ImageDraw", shift: tuple[float, float]) -> None:
        self.draw, self.shift, self.unit = draw, shift, SIZE * FINER / 200

    def points(self, *points: tuple[float, float]) -> list[tuple[float, float]]:
        return [((100 + x + self.shift[0]) * self.unit, (100 + y + self.shift[1]) * self.unit) for x, y in points]

    def ellipse(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.draw.ellipse(self.points((x - width, y - height), (x + width, y + height)), fill=colour)

    def line(self, *points: tuple[float, float], width: float, colour: str) -> None:
        self.draw.line(self.points(*points), fill=colour, width=round(width * self.unit), joint="curve")


def _draw_on(draw: "ImageDraw", subject: int, mood: Mood, shift: tuple[float, float]) -> None:
    brush = _Brush(draw, shift)
    skin, hair = SKINS[subject % len(SKINS)], HAIR[subject % len(HAIR)]
    shade, dark = _darker(skin, 0.8), _darker(skin, 0.5)
    width, length = 40 + 3 * (subject % 3), 53 + 3 * (subject % 2)
    brush.ellipse(0, -12, width + 8, 58, hair)
    brush.ellipse(0, 5, width, length, skin)
    for side in (-1, 1):
        brush.ellipse(side * 18, -9, 13, 9, shade)
        brush.ellipse(side * 18, -8, 9, 4.5 * (1 + mood.eyes_open), EYE)
        brush.ellipse(side * 18, -8, 4, 4 * min(1.0, 1 + mood.eyes_open), _darker(hair, 0.6))
        inner, outer = -20 - mood.brows_up + mood.brows_tilt, -20 - mood.brows_up - mood.brows_tilt / 2
        brush.line((side * 29, outer), (side * 8, inner), width=5, colour=dark)
    brush.line((0, -10), (-5, 15), width=3, colour=shade)
    brush.line((-6, 16), (6, 16), width=3, colour=dark)
    _draw_mouth(brush, mood)


def _draw_mouth(brush: _Brush, mood: Mood) -> None:
    """A curve whose corners go up or down, in two halves that part."""
    xs = np.linspace(-17, 17, 9)
    curve = 36 - mood.mouth_up * ((xs / 17) ** 2 - 0.5)
    gap = mood.mouth_open * (1 - (xs / 17) ** 2)
    upper, lower = (list(zip(xs.tolist(), (curve + part).tolist(), strict=True)) for part in (-gap / 2, gap))
    brush.draw.polygon(brush.points(*upper, *reversed(lower)), fill=MOUTH)
    for lip in (upper, lower):
        brush.line(*lip, width=4, colour=LIPS)


def _darker(colour: str, share: float) -> str:
    """A colour, `#rrggbb`, with so much of its light."""
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * share):02x}" for i in (1, 3, 5))
