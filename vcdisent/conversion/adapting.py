"""A static code adapted to the recordings of its voice: the code moves, the network stays."""

from dataclasses import replace

import torch
from torch import Tensor

from vcdisent.conversion.voice import Voice
from vcdisent.model.sequence_vae import SequenceVAE

NUM_STEPS = 100
LEARNING_RATE = 0.02


def adapted(model: SequenceVAE, voice: Voice, how_far: float) -> Voice:
    """A voice whose s decodes its frames better than the encoder's does, given what they say.

    Maximum likelihood of the decoder's Gaussian (the first term of the paper's equation 5) over s alone, from where the
    encoder puts it; a second or two on a CPU for 40 s of speech.

    Args:
        model: Decodes.
        voice: As it was measured, its frames in the order in which they were said: a decoder may see time.
        how_far: Share of the way from the encoder's s to the one that was found; 0 leaves the voice as it is.
    """
    if not how_far or voice.memory is None or not len(voice.memory.frames):
        return voice
    found = likeliest(model, voice.static, voice.memory.dynamic, voice.memory.frames)
    return replace(voice, static=voice.static.lerp(found, how_far))


@torch.enable_grad()
def likeliest(model: SequenceVAE, static: Tensor, dynamic: Tensor, frames: Tensor) -> Tensor:
    """The s (S,) near `static` by which codes (N, D) of what is said are decoded nearest to frames (N, F)."""
    s = static.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([s], LEARNING_RATE)
    for _ in range(NUM_STEPS):
        loss = (model.decode(s.unsqueeze(0), dynamic.unsqueeze(0))[0] - frames).square().mean()
        s.grad = torch.autograd.grad(loss, s)[0]
        optimiser.step()
    return s.detach()
