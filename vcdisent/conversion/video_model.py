"""Clips in, clips out: what changes in one, shown with what stays in another; or either of the two made up."""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vcdisent.batches import Normaliser
from vcdisent.conversion.generation import draw_codes
from vcdisent.errors import InputError
from vcdisent.features.frames import VideoFrames
from vcdisent.model.sequence_vae import SequenceVAE

Half = Literal["static", "dynamic"]
MOST_SAMPLES, MOST_FRAMES = 100, 1000
"""Of one request, which is held in memory."""
MOST_STEPS = 12
FRAMES_AT_A_TIME = 512


class VideoModel:
    """A model with all that takes it from clips to clips, uint8 (T, H, W, C); made by `vcdisent.loading.load_video`.

    Args:
        features: Clips to frames.
        normaliser: The statistics of the training frames.
        model: Codes frames; a classifier cannot make clips.
        device: Where to compute.

    Raises:
        InputError: The model does not decode.
    """

    def __init__(
        self, features: VideoFrames, normaliser: Normaliser, model: torch.nn.Module, device: torch.device
    ) -> None:
        if not isinstance(model, SequenceVAE):
            raise InputError("this checkpoint has no decoder and cannot make clips; use one that has")
        self.features, self.normaliser, self.device = features, normaliser.to(device), device
        self.model: SequenceVAE = model.to(device).eval()

    @torch.no_grad()
    def encode(self, clip: np.ndarray) -> tuple[Tensor, Tensor]:
        """Posterior means of a clip: s (S,) and z (T, D).

        Raises:
            InputError: Its frames are of another size than the model's, or it has too many.
        """
        if not 1 <= len(clip) <= MOST_FRAMES:
            raise InputError(f"the clip has {len(clip)} frames; give 1 to {MOST_FRAMES}")
        frames = torch.as_tensor(self.features(clip)).to(self.device).float()
        posterior = self.model.encode(self.normaliser(frames).unsqueeze(0))
        assert posterior.dynamic is not None  # a sequence VAE has one
        return posterior.static.mean[0], posterior.dynamic.mean[0]

    @torch.no_grad()
    def decode(self, static: Tensor, dynamic: Tensor) -> np.ndarray:
        """The clip, uint8 (T, H, W, C), of s (S,) and z (T, D)."""
        pieces = [self.model.decode(static.unsqueeze(0), z.unsqueeze(0))[0] for z in dynamic.split(FRAMES_AT_A_TIME)]
        frames = self.normaliser.inverse(torch.cat(pieces)).round().clamp(0, 255)
        return frames.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()

    def reconstruct(self, clip: np.ndarray) -> np.ndarray:
        """A clip as the model sees it, uint8 (T, H, W, C).

        Raises:
            InputError: As `encode` does.
        """
        return self.decode(*self.encode(clip))

    def swap(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What changes in `a` with what stays in `b`, as long as `a`; and the other way round, as long as `b`.

        Raises:
            InputError: As `encode` does.
        """
        (s_a, z_a), (s_b, z_b) = self.encode(a), self.encode(b)
        return self.decode(s_b, z_a), self.decode(s_a, z_b)

    def generate(
        self,
        num: int = 8,
        num_frames: int | None = None,
        static: np.ndarray | None = None,
        dynamic: np.ndarray | None = None,
        fix: Half | None = None,
        seed: int = 0,
    ) -> list[np.ndarray]:
        """Clips that nobody filmed: both codes from the prior, or one of them from a clip.

        Args:
            num: How many.
            num_frames: How long; None is as long as the model's training segments, or as `dynamic`.
            static: The clip whose static code all are to have; without it each gets one of its own.
            dynamic: The clip whose dynamic code all are to have, and whose length.
            fix: Half that is to be the same for all even where it comes from the prior.
            seed: The same seed gives the same clips.

        Raises:
            InputError: A clip cannot be used, or what is asked for makes no sense.
        """
        check_request(num, num_frames, static is not None, dynamic is not None, fix)
        s = None if static is None else self.encode(static)[0]
        z = None if dynamic is None else self.encode(dynamic)[1]
        length = num_frames or self.model.segment_frames
        if s is None and fix == "static":
            s = draw_codes(self.model, 1, 1, None, None, seed)[0][0]
        if z is None and fix == "dynamic":
            z = draw_codes(self.model, 1, length, None, None, seed)[1][0]
        return [self.decode(*codes) for codes in zip(*draw_codes(self.model, num, length, s, z, seed), strict=True)]

    def traverse(self, a: np.ndarray, b: np.ndarray, num_steps: int = 5) -> list[list[np.ndarray]]:
        """Clips on the way from `a` to `b`: from row to row s goes from a's to b's, from column to column z does.

        Both codes are moved along straight lines. Clips are as long as the shorter of the two.

        Raises:
            InputError: As `encode` does, or `num_steps` is not 2 to 12.
        """
        if not 2 <= num_steps <= MOST_STEPS:
            raise InputError(f"{num_steps} steps from one clip to another make no sense; give 2 to {MOST_STEPS}")
        (s_a, z_a), (s_b, z_b) = self.encode(a), self.encode(b)
        length = min(len(z_a), len(z_b))
        shares = torch.linspace(0, 1, num_steps).tolist()
        dynamics = [z_a[:length].lerp(z_b[:length], share) for share in shares]
        return [[self.decode(s_a.lerp(s_b, share), z) for z in dynamics] for share in shares]


def check_request(num: int, num_frames: int | None, has_static: bool, has_dynamic: bool, fix: Half | None) -> None:
    """Sees that what is asked for can be generated.

    Raises:
        InputError: It cannot.
    """
    if has_static and has_dynamic:
        raise InputError("static and dynamic are both given: that is a swap, done by: vcdisent swap A B")
    if (fix == "static" and has_dynamic) or (fix == "dynamic" and has_static):
        raise InputError(f"fixing {fix} and giving a clip for the other half makes all clips alike; leave one out")
    if not 1 <= num <= MOST_SAMPLES:
        raise InputError(f"{num} clips cannot be generated; ask for 1 to {MOST_SAMPLES}")
    if num_frames is not None and has_dynamic:
        raise InputError("a clip with --dynamic says how long samples are; leave the number of frames out")
    if num_frames is not None and not 1 <= num_frames <= MOST_FRAMES // num:
        raise InputError(f"{num} times {num_frames} frames cannot be generated; ask for 1 to {MOST_FRAMES // num} each")
