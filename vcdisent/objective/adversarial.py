"""The objective of C-DSVAE, and a game beside it: converted frames that a network cannot tell from recorded ones.

A decoder that learns by likelihood alone answers with means, whatever voice it is asked for. A sequence in the voice of
another has no recording to be held against; a network that knows what frames of a voice look like judges it instead, as
in StarGAN-VC (Kameoka et al., 2018). What it sees is what conversion makes: the frames themselves and, in them, the
difference between what is decoded from z and the one s or the other.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vcdisent.batches import Batch
from vcdisent.errors import InputError
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.adversarial_game import adversarial_terms
from vcdisent.objective.codes import Codes
from vcdisent.objective.objective import DisentanglingObjective

LEAK = 0.2
GAME = ("adversarial", "feature_distance")


class AdversarialObjective(DisentanglingObjective):
    """Equation 6 less weighted terms of a game, which the decoder alone plays: codes stay what equation 6 makes them.

    Args:
        weights: As those of `DisentanglingObjective`.
        estimators: Likewise.
        discriminator: Called with frames (B, T, F) and s (B, S); see `FrameDiscriminator`.
        game: Weights of `adversarial`, minus the mean score of sequences in the voice of others, and of
            `feature_distance`, how far the discriminator's layers are from a sequence's for its reconstruction; in nats
            a sequence, as those of equation 6.
        context_frames: As that of `DisentanglingObjective`.
        decoded_views: Likewise.

    Raises:
        InputError: As `DisentanglingObjective`; or the game's weights are those of other terms.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        estimators: Mapping[str, nn.Module],
        discriminator: nn.Module,
        game: Mapping[str, float],
        context_frames: int = 0,
        decoded_views: float = 0.0,
    ) -> None:
        super().__init__(weights, estimators, context_frames, decoded_views)
        if game.keys() != set(GAME):
            raise InputError(f"configuration: objective.game has the weights of {' and '.join(GAME)}, each of them")
        self.discriminator, self.game = discriminator, dict(game)

    def terms(self, model: SequenceVAE, batch: Batch, static: Codes, dynamic: Codes) -> dict[str, Tensor]:
        """The terms of equation 6, those of the game, and what the discriminator loses."""
        s, z = static.posterior.mean.detach(), dynamic.posterior.mean.detach()
        if len(s) < 2:
            raise InputError("configuration: a game for voices needs two sequences or more a batch, on every rank")
        other, decoded = s.roll(1, 0), model.decode(s, z)
        in_other = batch.x + model.decode(other, z) - decoded
        same, converted = (
            adversarial_terms(self.discriminator, (batch.x, s), made) for made in ((decoded, s), (in_other, other))
        )
        played = {"adversarial": converted["adversarial"], "feature_distance": same["feature_distance"]}
        played |= {"discriminators": (converted["discriminators"] + same["discriminators"]) / 2}
        return super().terms(model, batch, static, dynamic) | played

    def loss(self, terms: Mapping[str, Tensor]) -> Tensor:
        """That of equation 6, the game's, and the discriminator's own."""
        played = torch.stack([weight * terms[name] for name, weight in self.game.items()]).sum()
        return super().loss(terms) + played + terms["discriminators"]


class FrameDiscriminator(nn.Module):
    """Says of each frame whether it was recorded, given its neighbours and the voice (Miyato and Koyama, 2018).

    Args:
        num_bins: Values in a frame.
        static_size: Size of s.
        num_channels: Of the convolutions over time.
        num_layers: See there; dilated by 1, 2, 4 and so on.
    """

    def __init__(self, num_bins: int, static_size: int, num_channels: int = 128, num_layers: int = 3) -> None:
        super().__init__()
        sizes = [num_bins] + [num_channels] * num_layers
        layers = [nn.Conv1d(sizes[i], num_channels, 3, dilation=2**i, padding=2**i) for i in range(num_layers)]
        self.layers = nn.ModuleList(nn.utils.parametrizations.weight_norm(layer) for layer in layers)
        self.score, self.voice = nn.Linear(num_channels, 1), nn.Linear(static_size, num_channels)

    def forward(self, frames: Tensor, static: Tensor) -> list[list[Tensor]]:
        """What each layer makes (B, C, T) of `frames` (B, T, F) in a voice `static` (B, S); scores (B, T)."""
        hidden, seen = frames.transpose(1, 2), []
        for layer in self.layers:
            hidden = nn.functional.leaky_relu(layer(hidden), LEAK)
            seen.append(hidden)
        heard = hidden.transpose(1, 2)
        fits = (heard * self.voice(static).unsqueeze(1)).mean(2)
        return [[*seen, self.score(heard).squeeze(2) + fits]]
