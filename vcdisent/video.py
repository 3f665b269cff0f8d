"""Clips in and out: uint8 arrays (T, H, W, C), from .npy files, GIFs or folders of images, to PNG and GIF."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING

import numpy as np

from vcdisent.atomic import whole_file
from vcdisent.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGES = (".png", ".jpg", ".jpeg", ".bmp")
GREY, COLOUR = 1, 3
"""Channels that a clip may have."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""
FRAME_MS = 120
MOST_PIXELS = 1 << 28
"""Of all frames of a GIF or a folder together: what is larger is refused rather than held in memory."""
PACKED_AXES = 5
ROW = re.compile(r"(.+\.npy)\[(\d+)\]")


def read(path: str | Path, num_channels: int | None = None) -> np.ndarray:
    """Reads a clip.

    Args:
        path: A .npy file (T, H, W, C) of uint8; one row of a packed one (N, T, H, W, C), named `clips.npy[12]`; a GIF,
            each of its frames once, however long it is shown; or a folder of images, in the order of their numbers.
        num_channels: 1 makes grey of colours, 3 colours of grey; None keeps what is there (GIF and images: colours).

    Returns:
        uint8 (T, H, W, C).

    Raises:
        InputError: There is no such clip, or it is damaged, empty or of another kind.
    """
    row, path = ROW.fullmatch(str(path)), Path(path)
    if row or path.suffix == ".npy":
        clip = read_array(path)
    elif path.is_dir():
        clip = read_images(path)
    elif path.suffix.lower() == ".gif":
        clip = read_gif(path)
    else:
        raise InputError(f"{path}: is no clip; give a .npy file of uint8 (T, H, W, C), a GIF or a folder of images")
    return clip if num_channels in (None, clip.shape[-1]) else recoloured(clip, num_channels == GREY)


def read_array(path: str | Path) -> np.ndarray:
    """The clip of a .npy file, or of one row of a packed one, `clips.npy[12]`, of which no other row is read.

    Raises:
        InputError: As `read` does.
    """
    name = ROW.fullmatch(str(path))
    file, row = (Path(name[1]), int(name[2])) if name else (Path(path), None)
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file; give a .npy file, a GIF or a folder of images") from None
    except (OSError, ValueError, EOFError, TokenError) as error:  # the last for a header of half a line
        # For what is not an array at all numpy offers to unpickle it, which is no advice for a file of unknown origin.
        reason = "it does not begin as one" if "pickle" in str(error) else str(error).splitlines()[0][:120]
        raise InputError(f"{file}: is no whole .npy file ({reason}); give one of uint8 (T, H, W, C)") from None
    layout = "(T, H, W, C)" if row is None else "(N, T, H, W, C)"
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != (4 if row is None else 5):
        held = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else "no single array"
        packed = row is None and isinstance(array, np.ndarray) and array.ndim == PACKED_AXES
        hint = f"; name one of its clips: {file}[0] to [{len(array) - 1}]" if packed else ""
        raise InputError(f"{file}: holds {held}, where uint8 {layout} is expected{hint}")
    if row is not None and row >= len(array):
        raise InputError(f"{file}: has no row {row}, only 0 to {len(array) - 1}")
    clip = np.array(array if row is None else array[row])
    if 0 in clip.shape or clip.shape[-1] not in (GREY, COLOUR):
        raise InputError(f"{file}: holds a clip {clip.shape}, where (T, H, W, C) with 1 or 3 channels is expected")
    return clip


def read_gif(path: Path) -> np.ndarray:
    """The frames of a GIF, in colours (T, H, W, 3).

    Raises:
        InputError: As `read` does.
    """
    from PIL import Image, ImageSequence

    with decoding(path), Image.open(path) as image:
        check_size(path, image, getattr(image, "n_frames", 1))
        return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)])


def read_images(folder: Path) -> np.ndarray:
    """The images of a folder, in colours (T, H, W, 3), in the order of the numbers in their names.

    Raises:
        InputError: As `read` does, or the images differ in size.
    """
    paths = sorted((path for path in folder.iterdir() if path.suffix.lower() in IMAGES), key=natural)
    if not paths:
        raise InputError(f"{folder}: holds no images ({', '.join(IMAGES)})")
    frames = [read_image(path, len(paths)) for path in paths]
    for path, frame in zip(paths, frames, strict=True):
        if frame.shape != frames[0].shape:
            raise InputError(f"{path}: is {size(frame)}, but {paths[0].name} is {size(frames[0])}; all must be alike")
    return np.stack(frames)


def read_image(path: Path, num_images: int = 1) -> np.ndarray:
    """An image in colours, uint8 (H, W, 3), one of `num_images` that are to be held in memory.

    Raises:
        InputError: It cannot be decoded, or is too large.
    """
    from PIL import Image

    with decoding(path), Image.open(path) as image:
        check_size(path, image, num_images)
        return np.asarray(image.convert("RGB"))


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Names the file that Pillow cannot decode.

    Raises:
        InputError: It cannot.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: is no image that can be decoded") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be decoded ({str(error).splitlines()[0][:120]})") from None


def check_size(path: Path, image: "Image", num_images: int) -> None:
    """Sees that so many images of this size may be held in memory.

    Raises:
        InputError: They may not.
    """
    width, height = image.size
    if width * height * num_images > MOST_PIXELS:
        raise InputError(f"{path}: {num_images} images of {width}x{height} are too large for a clip")


def natural(path: Path) -> list[tuple[int, str]]:
    """Key that puts img_2 before img_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def size(frame: np.ndarray) -> str:
    """Width and height of a frame (H, W, C) in words."""
    return f"{frame.shape[1]}x{frame.shape[0]}"


def recoloured(clip: np.ndarray, to_grey: bool) -> np.ndarray:
    """A clip (T, H, W, 3) in grey (T, H, W, 1), or one in grey in colours."""
    if to_grey:
        return (clip @ LUMA).round().astype(np.uint8)[..., np.newaxis]
    return clip.repeat(COLOUR, axis=-1)


def write_png(path: str | Path, image: np.ndarray) -> None:
    """Writes an image, uint8 (H, W, 3), as PNG, whole or not at all."""
    from PIL import Image

    with whole_file(path) as partial:
        Image.fromarray(image).save(partial, "PNG")


def write_gif(path: str | Path, clip: np.ndarray, frame_ms: int = FRAME_MS) -> None:
    """Writes a clip, uint8 (T, H, W, 3), as a GIF that repeats for ever, whole or not at all."""
    from PIL import Image

    first, *others = [Image.fromarray(frame).quantize() for frame in clip]
    with whole_file(path) as partial:
        first.save(partial, "GIF", save_all=True, append_images=others, duration=frame_ms, loop=0, disposal=1)
