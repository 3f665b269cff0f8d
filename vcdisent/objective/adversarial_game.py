"""A generator and the networks that it has to fool, in one step and from the same forward passes."""

import torch
from torch import Tensor, nn
from torch.func import functional_call


def adversarial_terms(
    discriminators: nn.Module, real: tuple[Tensor, ...], made: tuple[Tensor, ...]
) -> dict[str, Tensor]:
    """The generator's terms, whose gradient passes through fixed discriminators, and these ones' own.

    Args:
        discriminators: Give for each of them what its layers make, the score last, higher for what is real.
        real: What they are called with that was recorded.
        made: The same that was made; `feature_distance` makes sense where the two are of the same sequences.

    Returns:
        `adversarial`, minus the mean score of what was made; `feature_distance`, mean absolute difference of what the
        layers make, relative to those of what is real (Larsen et al., 2016; Kumar et al., 2019); `discriminators`, the
        hinge loss of these (Lim and Ye, 2017).
    """
    fixed = {name: weight.detach() for name, weight in discriminators.named_parameters()}
    heard, copied = discriminators(*real), discriminators(*(part.detach() for part in made))
    judged = functional_call(discriminators, fixed, made)
    hinge = [(1 - r[-1]).relu().mean() + (1 + c[-1]).relu().mean() for r, c in zip(heard, copied, strict=True)]
    distances = [
        (own - wanted.detach()).abs().mean() / wanted.detach().abs().mean()
        for own_layers, layers in zip(judged, heard, strict=True)
        for own, wanted in zip(own_layers[:-1], layers[:-1], strict=True)
    ]
    return {
        "adversarial": -torch.stack([layers[-1].mean() for layers in judged]).mean(),
        "feature_distance": torch.stack(distances).mean(),
        "discriminators": torch.stack(hinge).mean(),
    }
