"""Frames of video as they are: uint8 images of one size, channels first."""

import numpy as np

from vcdisent.errors import InputError


class VideoFrames:
    """Turns clips into frames for the model, which differ from them in their layout alone.

    Args:
        height: pixels.
        width: pixels.
        num_channels: 1 for grey, 3 for red, green and blue.

    Attributes:
        frame_shape: (C, H, W) of a frame.
    """

    def __init__(self, height: int = 64, width: int = 64, num_channels: int = 3) -> None:
        if num_channels not in (1, 3):
            raise ValueError(f"num_channels={num_channels} makes no sense; give 1 for grey or 3 for colours")
        self.height, self.width, self.num_channels = height, width, num_channels
        self.frame_shape = (num_channels, height, width)

    def __call__(self, clip: np.ndarray) -> np.ndarray:
        """The frames, uint8 (T, C, H, W), of a clip, uint8 (T, H, W, C).

        Raises:
            InputError: The clip has frames of another size or number of channels.
        """
        wanted = (self.height, self.width, self.num_channels)
        if clip.dtype != np.uint8 or clip.shape[1:] != wanted:
            found = "x".join(map(str, clip.shape[1:]))
            raise InputError(f"frames are {clip.dtype} {found}, not uint8 {'x'.join(map(str, wanted))} (H x W x C)")
        return np.ascontiguousarray(clip.transpose(0, 3, 1, 2))
