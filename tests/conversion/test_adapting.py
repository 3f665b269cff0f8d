"""A static code fitted to recordings of its voice."""

import pytest
import torch

from vcdisent.config import build, compose
from vcdisent.conversion.adapting import adapted
from vcdisent.conversion.memory import Memory
from vcdisent.conversion.voice import Voice
from vcdisent.loading import load
from vcdisent.model.sequence_vae import SequenceVAE

NUM_FRAMES = 200


@pytest.fixture(params=["cdsvae", "cdsvae_modulated"])
def model(request) -> SequenceVAE:
    torch.manual_seed(0)
    return build(compose([f"model={request.param}", "num_bins=20"])["model"]).eval()


@pytest.fixture
def voice(model) -> Voice:
    """Encoded half a unit off the code that made its frames."""
    normal = torch.Generator().manual_seed(1)
    static = torch.randn(model.static_size, generator=normal)
    dynamic = torch.randn(NUM_FRAMES, model.prior.dynamic_size, generator=normal)
    frames = decoded(model, static, dynamic)
    return Voice(static + 0.5 * torch.randn(static.shape, generator=normal), Memory(dynamic, frames), None)


@torch.no_grad()
def decoded(model, static, dynamic):
    return model.decode(static.unsqueeze(0), dynamic.unsqueeze(0))[0]


def error(model, voice: Voice) -> float:
    return float((decoded(model, voice.static, voice.memory.dynamic) - voice.memory.frames).square().mean())


def test_the_code_decodes_its_frames_better_and_the_network_stays(model, voice):
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    half, whole = adapted(model, voice, 0.5), adapted(model, voice, 1.0)
    assert error(model, whole) < 0.2 * error(model, voice)
    assert error(model, whole) < error(model, half) < error(model, voice)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not whole.static.requires_grad


def test_it_is_the_same_twice_and_nothing_where_nothing_is_asked(model, voice):
    assert torch.equal(adapted(model, voice, 1.0).static, adapted(model, voice, 1.0).static)
    assert adapted(model, voice, 0.0) is voice
    without = Voice(voice.static, None, None)
    assert adapted(model, without, 1.0) is without


def test_how_far_is_said_in_loading(checkpoint_folder, speech):
    plain, fitted = load(checkpoint_folder, "cpu"), load(checkpoint_folder, "cpu", adaptation=1.0)
    assert plain.ways.adaptation == 0.0
    own, moved = (converter.voice([speech(0)]) for converter in (plain, fitted))
    assert error(fitted.model, moved) < error(plain.model, own)
