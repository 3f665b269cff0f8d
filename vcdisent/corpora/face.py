"""Where the face is in a recording, by OpenCV's Haar cascade (Viola and Jones, CVPR 2001)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vcdisent.errors import InputError

CASCADE = "haarcascade_frontalface_default.xml"
SCALE_STEP, MIN_NEIGHBOURS = 1.1, 5
SMALLEST_FACE = 0.2
"""Of the height of the image."""


def find_face(where: Path, images: Sequence[np.ndarray]) -> tuple[int, int, int, int]:
    """Find the face in some images of one recording.

    Args:
        where: how to call the recording in an error.
        images: uint8 (H, W, 3), all of one size.

    Returns:
        Left, top, right and bottom in pixels: the median over those images in which there is a face, of the largest one
        there.

    Raises:
        InputError: there is none in any of them, or OpenCV is not installed.
    """
    detector = _detector()
    found = [box for image in images if (box := _largest(detector, image)) is not None]
    if not found:
        raise InputError(f"{where}: no face is found in its images: a whole one, seen from the front, is expected")
    left, top, width, height = (int(side) for side in np.median(found, axis=0))
    return left, top, left + width, top + height


def _detector() -> Any:
    try:
        import cv2
    except ImportError:
        raise InputError("OpenCV, which finds the faces, is not installed: pip install 'vcdisent[mug]'") from None
    cascade = Path(cv2.__file__).parent / "data" / CASCADE
    if not cascade.is_file():
        raise InputError(f"OpenCV {cv2.__version__} comes without {CASCADE}: pip install 'vcdisent[mug]'")
    return cv2.CascadeClassifier(str(cascade))


def _largest(detector: Any, image: np.ndarray) -> np.ndarray | None:
    import cv2

    smallest = round(SMALLEST_FACE * len(image))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    boxes = detector.detectMultiScale(grey, SCALE_STEP, MIN_NEIGHBOURS, minSize=(smallest, smallest))
    return max(boxes, key=lambda box: box[2] * box[3], default=None)
