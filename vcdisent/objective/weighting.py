"""The sign and the weight of each term of an objective, and the loss that they make."""

from collections.abc import Mapping

import torch
from torch import Tensor

from vcdisent.errors import InputError


class Weighting:
    """How the terms of an objective add up.

    Args:
        signs: For each term, 1 where it is maximised and -1 where it is minimised.
        weights: The weight of each term under its name, in nats per unit of the term; 0 leaves it out of the loss.

    Raises:
        InputError: A weight is that of no term, a term has none, or all are 0.
    """

    def __init__(self, signs: Mapping[str, float], weights: Mapping[str, float]) -> None:
        unknown, missing = sorted(weights.keys() - signs.keys()), sorted(signs.keys() - weights.keys())
        if unknown:
            raise InputError(f"configuration: {unknown[0]!r} is no term; the terms are {', '.join(signs)}")
        if missing:
            raise InputError(f"configuration: {missing[0]!r} has no weight; give 0 to leave the term out")
        self.signed = {name: sign * float(weights[name]) for name, sign in signs.items()}
        if not any(self.signed.values()):
            raise InputError(f"configuration: all weights are 0; give one of {', '.join(signs)} another")

    def with_loss(self, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """`terms` and, as `loss`, minus their weighted sum."""
        weighted = [weight * terms[name] for name, weight in self.signed.items() if weight]
        return {**terms, "loss": -torch.stack(weighted).sum()}
