"""Contrastive estimates of mutual information between a sequence and its codes (paper, equations 7 and 8)."""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from vcdisent.errors import InputError
from vcdisent.objective.code_memory import CodeMemory
from vcdisent.objective.codes import Codes
from vcdisent.objective.gather import gather_batch

Negatives = Literal["both_views", "same_view"]
Critic = Literal["sequence", "frame", "within"]


class Contrastive(nn.Module):
    """I(s; x) or I(z; x) by telling the view of a sequence from other sequences.

    Args:
        code_shape: Shape of one code: (S,), or (T, D).
        temperature: tau of equation 8.
        negatives: `both_views` takes the other 2 (B - 1) codes of both views, as the released code does; `same_view`
            the B - 1 other codes of the anchor's own view.
        critic: `sequence` is the paper's, the cosine of codes flattened over time; `frame` averages the cosines of
            z_t over time, so that a code of large values at few frames does not speak for all; `within` tells z_t of
            the view from the view's other steps, summed over time as the likelihood is: all of them share what stays,
            so that only what changes helps.
        memory: So many codes of earlier steps are negatives too, in every direction.
        view_share: For `within`, how much of the keep-dynamic view is read, at a place drawn anew for each step. Of
            whole views a frame's place in its segment tells it from the others, and a z_t that keeps the place needs
            to keep little else.

    Raises:
        InputError: A value makes no sense.
    """

    needs_view = True

    def __init__(
        self,
        code_shape: Sequence[int],
        temperature: float = 0.5,
        negatives: Negatives = "both_views",
        critic: Critic = "sequence",
        memory: int = 0,
        view_share: float = 1.0,
    ) -> None:
        super().__init__()
        for value, known in ((negatives, get_args(Negatives)), (critic, get_args(Critic))):
            if value not in known:
                raise InputError(f"configuration: Contrastive knows no {value!r}; give one of {', '.join(known)}")
        if not temperature > 0 or memory < 0:
            raise InputError("configuration: Contrastive takes a temperature above 0 and a memory of 0 codes or more")
        if critic == "within" and (memory or len(code_shape) < 2):
            raise InputError("configuration: Contrastive's critic within is for codes over time, and takes no memory")
        if not 0 < view_share <= 1:
            raise InputError("configuration: Contrastive takes a view_share above 0 and up to 1")
        if view_share < 1 and critic != "within":
            raise InputError("configuration: Contrastive's view_share is for the critic within")
        self.view_share = view_share
        self.temperature, self.negatives, self.critic = temperature, negatives, critic
        self.memory = CodeMemory(memory, math.prod(code_shape)) if memory else None

    def forward(self, codes: Codes) -> Tensor:
        """The estimate in nats, over the sequences of all ranks; remembers their codes where it has a memory."""
        assert codes.pair is not None  # the view was asked for
        if self.critic == "within":
            return information_within(*codes.pair, self.temperature)
        anchors = unit(torch.cat([gather_batch(means) for means in codes.pair]), self.critic)
        log_phi = cosines(anchors, anchors) / self.temperature
        if self.memory is None:
            return information_from_scores(log_phi, self.negatives)
        past, is_filled = self.memory.read()
        past_log_phi = (cosines(anchors, past) / self.temperature).masked_fill(~is_filled, -torch.inf)
        self.memory.push(anchors)
        return information_from_scores(log_phi, self.negatives, past_log_phi)


def contrastive_information(
    codes: Tensor,
    view_codes: Tensor,
    temperature: float = 0.5,
    negatives: Negatives = "both_views",
    critic: Critic = "sequence",
) -> Tensor:
    """(C(z) + C(z_view)) / 2 in nats, with phi = exp(cosine / temperature) (equation 8).

    Args:
        codes: Posterior means (B, ...) of the sequences.
        view_codes: Posterior means (B, ...) of their views.
        temperature: tau.
        negatives: As for `Contrastive`.
        critic: As for `Contrastive`.

    Returns:
        A scalar of at most log(n + 1) nats, n being the number of negatives.
    """
    anchors = unit(torch.cat([codes, view_codes]), critic)
    return information_from_scores(cosines(anchors, anchors) / temperature, negatives)


def information_within(codes: Tensor, view_codes: Tensor, temperature: float = 0.5) -> Tensor:
    """Equation 7 between the steps of one sequence and of its view, both directions, in nats a sequence.

    Args:
        codes: Posterior means (B, T, D) of the sequences.
        view_codes: Posterior means (B, T, D) of their views.
        temperature: tau of equation 8.

    Returns:
        A scalar of at most T log T: each step's negatives are the other T - 1 of the other view.
    """
    own, view = (functional.normalize(means.float(), dim=2) for means in (codes, view_codes))
    with torch.autocast(own.device.type, enabled=False):
        log_phi = own @ view.mT / temperature
    num_steps = log_phi.shape[1]
    chosen = (log_phi.log_softmax(2) + log_phi.log_softmax(1)).diagonal(dim1=1, dim2=2) / 2
    return (chosen + math.log(num_steps)).sum(1).mean()


def unit(codes: Tensor, critic: Critic) -> Tensor:
    """Vectors (N, K) of length 1 for codes (N, ..., D), whose products are what the critic asks for."""
    if critic == "sequence":
        return functional.normalize(codes.flatten(1).float(), dim=1)
    frames = functional.normalize(codes.float(), dim=-1)
    return frames.flatten(1) / math.sqrt(frames[0, ..., 0].numel())


def cosines(anchors: Tensor, others: Tensor) -> Tensor:
    """Products (N, M) of unit vectors (N, K) and (M, K): in bfloat16 they would have two digits."""
    with torch.autocast(anchors.device.type, enabled=False):
        return anchors @ others.T


def information_from_scores(
    log_phi: Tensor, negatives: Negatives = "both_views", past_log_phi: Tensor | None = None
) -> Tensor:
    """Equation 7, averaged over both directions, for any critic.

    Args:
        log_phi: log phi (2B, 2B) between all codes of both views; row i is anchor i, its positive is i + B modulo 2B.
        negatives: As for `Contrastive`.
        past_log_phi: log phi (2B, M) between the anchors and further negatives; minus infinity where there is none.
    """
    num_codes = len(log_phi)
    index = torch.arange(num_codes, device=log_phi.device)
    positive = (index + num_codes // 2) % num_codes
    used = index.unsqueeze(1) != index
    if negatives == "same_view":
        same_view = (index < num_codes // 2).unsqueeze(1) == (index < num_codes // 2)
        used = used & (same_view | (index == positive.unsqueeze(1)))
    scores = log_phi.masked_fill(~used, -torch.inf)
    if past_log_phi is not None:
        scores = torch.cat([scores, past_log_phi], dim=1)
    num_compared = (scores > -torch.inf).sum(1)  # n + 1: the positive too
    return (scores.log_softmax(dim=1)[index, positive] + num_compared.log()).mean()
