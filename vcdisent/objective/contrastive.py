"""Contrastive estimates of mutual information between a sequence and its codes (paper, equations 7 and 8)."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Negatives = Literal["both_views", "same_view"]


def contrastive_information(
    codes: Tensor, view_codes: Tensor, temperature: float = 0.5, negatives: Negatives = "both_views"
) -> Tensor:
    """(C(z) + C(z_view)) / 2 in nats, with phi = exp(cosine / temperature) (equation 8).

    Args:
        codes: Posterior means (B, ...) of the sequences; flattened over time.
        view_codes: Posterior means (B, ...) of their views.
        temperature: tau.
        negatives: `both_views` takes the other 2 (B - 1) codes of both views, as the released code does; `same_view`
            the B - 1 other codes of the anchor's own view.

    Returns:
        A scalar of at most log(n + 1) nats, n being the number of negatives.
    """
    anchors = functional.normalize(torch.cat([codes.flatten(1), view_codes.flatten(1)]).float(), dim=1)
    with torch.autocast(anchors.device.type, enabled=False):  # cosines in bfloat16 have two digits
        cosines = anchors @ anchors.T
    return information_from_scores(cosines / temperature, negatives)


def information_from_scores(log_phi: Tensor, negatives: Negatives = "both_views") -> Tensor:
    """Equation 7, averaged over both directions, for any critic.

    Args:
        log_phi: log phi (2B, 2B) between all codes of both views; row i is anchor i, its positive is i + B modulo 2B.
        negatives: As for `contrastive_information`.
    """
    num_codes = len(log_phi)
    index = torch.arange(num_codes, device=log_phi.device)
    positive = (index + num_codes // 2) % num_codes
    used = index.unsqueeze(1) != index
    if negatives == "same_view":
        same_view = (index < num_codes // 2).unsqueeze(1) == (index < num_codes // 2)
        used = used & (same_view | (index == positive.unsqueeze(1)))
    log_probability = log_phi.masked_fill(~used, -torch.inf).log_softmax(dim=1)
    num_negatives = num_codes - 2 if negatives == "both_views" else num_codes // 2 - 1
    return log_probability[index, positive].mean() + torch.log(torch.tensor(num_negatives + 1.0))
