"""Speech that nobody said: s ~ N(0, I) and z_1:T from the prior, or one of them as given; decoded, and as sound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vcdisent.audio_level import set_level
from vcdisent.batches import CPU, Keyed, Normaliser
from vcdisent.errors import InputError
from vcdisent.features.spectrogram import LogMagnitude
from vcdisent.features.world import World
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.vocoder import Vocoder
from vcdisent.vocoder.from_frames import vocoder_from_frames

GENERATED_S = 3.0
LEVEL_DB = -26.0  # active level in dBFS, where the features do not set one
MOST, LONGEST_S = 100, 1800.0  # of all samples together: they are held in memory


@dataclass
class Generated:
    """Speech that a model made up.

    Attributes:
        frames: (T, F) as the features give them, not normalised.
        wav: (N,) the same as sound, (T - 1) hops long.
    """

    frames: np.ndarray
    wav: np.ndarray


def check_request(num: int, seconds: float, has_static: bool, has_dynamic: bool) -> None:
    """Sees that what is asked for can be generated.

    Raises:
        InputError: It cannot.
    """
    if has_static and has_dynamic:
        raise InputError("static and dynamic are both given: that is conversion, done by: vcdisent convert SRC REF")
    if not 1 <= num <= MOST:
        raise InputError(f"{num} samples cannot be generated; ask for 1 to {MOST}")
    if not 0.1 <= seconds <= LONGEST_S / num:
        raise InputError(f"{num} times {seconds:g} s cannot be generated; ask for 0.1 to {LONGEST_S / num:g} s each")


@torch.no_grad()
def draw_codes(
    model: SequenceVAE, num: int, num_frames: int, static: Tensor | None, dynamic: Tensor | None, seed: int
) -> tuple[Tensor, Tensor]:
    """Codes of `num` sequences from the prior p(s) p(z_1:T) (paper, section 2.1), one half of which may be given.

    The prior is recurrent, so sequences may be longer than those that the model was trained on. What a sequence
    gets is keyed by the seed and its number: asking for more leaves the first as they were.

    Args:
        model: Whose prior is drawn from.
        num: Of sequences.
        num_frames: Of each; counts only where no `dynamic` is given.
        static: (S,) the code that all are to have, or None.
        dynamic: (T, D) likewise.
        seed: Keys the draws.

    Returns:
        s (num, S) and z (num, T, D).
    """
    device = model.static_centre.device

    def normal(purpose: str, shape: tuple[int, ...]) -> Tensor:
        rows = [Keyed(seed, row, CPU).normal(purpose, (1, *shape[1:])) for row in range(shape[0])]
        return torch.cat(rows).to(device)

    s = normal("prior_static", (num, model.static_size)) if static is None else static.expand(num, -1)
    z = model.prior.sample(num, num_frames, normal) if dynamic is None else dynamic.expand(num, -1, -1)
    return s, z


@torch.no_grad()
def decoded(model: SequenceVAE, static: Tensor, dynamic: Tensor) -> Iterator[Tensor]:
    """Normalised frames (T, F) of each pair of codes in s (n, S) and z (n, T, D), one at a time: they may be long."""
    for s, z in zip(static.split(1), dynamic.split(1), strict=True):
        yield model.decode(s, z)[0]


def sounding(
    features: LogMagnitude | World, normaliser: Normaliser, vocoder: Vocoder, sequences: Iterable[Tensor]
) -> list[Generated]:
    """Normalised frames (T, F) as they are before, and as sound at the level of what the model was trained on.

    A vocoder that needs a source has none here, and the one that does with frames alone takes its place.
    """
    able = vocoder_from_frames(features) if vocoder.needs_source else vocoder
    level_db = LEVEL_DB if features.level_db is None else features.level_db
    made = []
    for x in sequences:
        frames = normaliser.inverse(x)
        wav = able.vocode(frames.unsqueeze(0))[0].cpu().numpy()
        made.append(Generated(frames.cpu().numpy(), set_level(wav, level_db, features.sample_rate)))
    return made
