"""A game beside equation 6."""

import pytest
import torch

from vcdisent.config import build, compose
from vcdisent.errors import InputError
from vcdisent.objective.adversarial import FrameDiscriminator
from vcdisent.objective.adversarial_game import adversarial_terms

SMALL = [
    "model.static_size=6",
    "model.prior.dynamic_size=3",
    "model.encoder.num_features=8",
    "model.decoder.num_features=8",
    "model.static_posterior.num_hidden=8",
    "model.dynamic_posterior.num_hidden=8",
    "model.prior.num_hidden=8",
]


def parts(batch, *overrides):
    """A small model for the batch's frames, and the objective with its game."""
    num_bins, num_frames = batch.x.shape[2], batch.x.shape[1]
    shape = [f"num_bins={num_bins}", f"model.segment_frames={num_frames}"]
    config = compose(["objective=adversarial_frames", *SMALL, *shape, *overrides])
    torch.manual_seed(0)
    return build(config["model"]), build(config["objective"])


def test_the_game_moves_the_decoder_and_the_discriminator_alone(batch):
    model, objective = parts(batch)
    terms = objective(model, batch)
    played = [weight * terms[name] for name, weight in objective.game.items()]
    torch.stack(played).sum().backward(retain_graph=True)
    moved = {name for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.any()}
    assert moved and all(name.startswith("decoder") for name in moved)
    assert all(weight.grad is None for weight in objective.discriminator.parameters())
    model.zero_grad()
    terms["discriminators"].backward()
    assert all(weight.grad is None for weight in model.parameters())
    assert any(weight.grad is not None for weight in objective.discriminator.parameters())


def test_the_loss_is_that_of_equation_6_and_the_games(batch):
    model, objective = parts(batch)
    terms = objective(model, batch)
    _, plain = parts(batch, "objective=verification")
    own = {name: terms[name] for name in terms if name in plain(model, batch)}
    played = 500.0 * terms["adversarial"] + 100.0 * terms["feature_distance"] + terms["discriminators"]
    torch.testing.assert_close(terms["loss"], plain.loss(own) + played)


def test_a_discriminator_learns_which_voice_belongs_to_which_frames():
    """Frames of the other voice are as real as any: only s tells."""
    torch.manual_seed(0)
    discriminator = FrameDiscriminator(4, 2, num_channels=16)
    static = torch.eye(2).repeat(8, 1)
    frames = static.repeat(1, 2).unsqueeze(1) + 0.1 * torch.randn(16, 10, 4)
    optimiser = torch.optim.Adam(discriminator.parameters(), 0.01)
    for _ in range(100):
        loss = adversarial_terms(discriminator, (frames, static), (frames, static.roll(1, 0)))["discriminators"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    right, wrong = (discriminator(frames, s)[0][-1].mean() for s in (static, static.roll(1, 0)))
    assert right - wrong > 1.0


def test_a_copy_has_the_features_of_what_it_copies():
    discriminator, x, s = FrameDiscriminator(4, 2), torch.randn(3, 10, 4), torch.randn(3, 2)
    assert adversarial_terms(discriminator, (x, s), (x, s))["feature_distance"] == 0
    assert adversarial_terms(discriminator, (x, s), (x + 1, s))["feature_distance"] > 0.01


def test_the_game_has_two_weights(batch):
    with pytest.raises(InputError, match=r"objective\.game has the weights of adversarial and feature_distance"):
        parts(batch, "+objective.game.other=1")
